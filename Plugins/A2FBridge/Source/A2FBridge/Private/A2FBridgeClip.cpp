#include "A2FBridgeClip.h"

#include "Misc/FileHelper.h"
#include "Misc/Paths.h"

#include "A2FBridge/Wav.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeRecording.h"
#include "A2FBridgeText.h"
#include "Speech/Clip.h"

namespace
{
bool Save(const a2fbridge::Result<std::vector<std::uint8_t>>& Bytes, const FString& Path, FString& OutError)
{
	if (!Bytes.ok())
	{
		OutError = A2FBridge::TextOf(Bytes.error());
		return false;
	}
	const FString File = A2FBridge::Resolve(Path, FPaths::ProjectDir());
	const bool bSaved = FFileHelper::SaveArrayToFile(
		TArrayView<const uint8>(Bytes.value().data(), static_cast<int32>(Bytes.value().size())), *File);
	OutError = bSaved ? FString() : FString::Printf(TEXT("%s cannot be written"), *File);
	return bSaved;
}

UA2FBridgeClip* MadeOf(a2fbridge::Result<a2fbridge::ClipData>&& Made, FString& OutError)
{
	OutError = Made.ok() ? FString() : A2FBridge::TextOf(Made.error());
	return Made.ok() ? UA2FBridgeClip::Make(std::move(Made).value()) : nullptr;
}
} // namespace

UA2FBridgeClip* UA2FBridgeClip::Make(a2fbridge::ClipData&& Data)
{
	UA2FBridgeClip* Made = NewObject<UA2FBridgeClip>();
	Made->Clip = MakePimpl<a2fbridge::ClipData>(MoveTemp(Data));
	return Made;
}

UA2FBridgeClip* UA2FBridgeClip::LoadRecording(const FString& Path, FString& Error)
{
	Error.Reset();
	const std::shared_ptr<const a2fbridge::Recording> Recording = A2FBridge::LoadRecording(Path, Error);
	if (!Recording)
	{
		return nullptr;
	}
	if (Recording->problem() != nullptr)
	{
		Error = A2FBridge::TextOf(*Recording->problem());
	}
	return Make(a2fbridge::clipOf(*Recording));
}

UA2FBridgeClip* UA2FBridgeClip::MakeClip(
	const TArray<FName>& Names, const TArray<float>& Values, FIntPoint FramesPerSecond, const FString& Convention, FString& Error)
{
	a2fbridge::ClipData Data;
	for (const FName& Name : Names)
	{
		Data.format.names.push_back(A2FBridge::ToUtf8(Name.ToString()));
	}
	const auto Parsed = a2fbridge::parseConvention(A2FBridge::ToUtf8(Convention));
	if (!Parsed.ok())
	{
		Error = A2FBridge::TextOf(Parsed.error());
		return nullptr;
	}
	Data.format.convention = Parsed.value();
	Data.format.frameRate = {FramesPerSecond.X, FramesPerSecond.Y};
	const a2fbridge::Status Format = Data.format.validate();
	if (!Format.ok() || Values.Num() % FMath::Max(1, Names.Num()) != 0)
	{
		Error = Format.ok()
					? FString::Printf(TEXT("%d values are no whole number of frames of %d names"), Values.Num(), Names.Num())
					: A2FBridge::TextOf(Format.error());
		return nullptr;
	}
	Data.values.assign(Values.GetData(), Values.GetData() + Values.Num());
	for (int32 Index = 0; Index < Values.Num() / Names.Num(); ++Index)
	{
		Data.times.push_back(Data.format.frameRate.timeOf(Index));
	}
	return Make(MoveTemp(Data));
}

UA2FBridgeClip* UA2FBridgeClip::Mapped(UA2FBridgeMappingTable* Table, FString& Error) const
{
	const std::shared_ptr<const a2fbridge::MappingTable> Compiled = Table != nullptr ? Table->GetTable() : nullptr;
	if (!Compiled)
	{
		Error = Table != nullptr ? Table->GetProblem() : FString(TEXT("there is no table"));
		return nullptr;
	}
	return MadeOf(a2fbridge::mapClip(*Clip, *Compiled), Error);
}

UA2FBridgeClip* UA2FBridgeClip::Resampled(FIntPoint FramesPerSecond, FString& Error) const
{
	return MadeOf(a2fbridge::resampleClip(*Clip, {FramesPerSecond.X, FramesPerSecond.Y}), Error);
}

void UA2FBridgeClip::SaveRecording(const FString& Path, bool& bSucceeded, FString& Error) const
{
	bSucceeded = Save(a2fbridge::recordingOf(*Clip), Path, Error);
}

void UA2FBridgeClip::SaveSound(const FString& Path, bool& bSucceeded, FString& Error) const
{
	Error = TEXT("the clip has no sound");
	bSucceeded = !Clip->sound.empty() && Save(a2fbridge::writeWav(Clip->sound, Clip->format.sampleRate, 1), Path, Error);
}

TArray<FName> UA2FBridgeClip::GetCurveNames() const
{
	TArray<FName> Names;
	for (const std::string& Name : Clip->format.names)
	{
		Names.Add(A2FBridge::NameFromUtf8(Name));
	}
	return Names;
}

TArray<float> UA2FBridgeClip::GetTimes() const
{
	TArray<float> Times;
	for (const double Time : Clip->times)
	{
		Times.Add(static_cast<float>(Time));
	}
	return Times;
}

TArray<float> UA2FBridgeClip::GetValues(FName Curve) const
{
	TArray<float> Values;
	const int32 Column = GetCurveNames().Find(Curve);
	for (size_t Frame = 0; Column != INDEX_NONE && Frame < Clip->frameCount(); ++Frame)
	{
		Values.Add(Clip->row(Frame)[Column]);
	}
	return Values;
}

int32 UA2FBridgeClip::GetNumFrames() const
{
	return static_cast<int32>(Clip->frameCount());
}

FIntPoint UA2FBridgeClip::GetFrameRate() const
{
	return FIntPoint(
		static_cast<int32>(Clip->format.frameRate.numerator), static_cast<int32>(Clip->format.frameRate.denominator));
}

float UA2FBridgeClip::GetDuration() const
{
	if (!Clip->sound.empty())
	{
		return static_cast<float>(static_cast<double>(Clip->sound.size()) / Clip->format.sampleRate);
	}
	return Clip->times.empty() ? 0.0f : static_cast<float>(Clip->times.back() + Clip->format.frameRate.period());
}

FString UA2FBridgeClip::GetConvention() const
{
	return A2FBridge::FromUtf8(a2fbridge::conventionName(Clip->format.convention));
}

TArray<FString> UA2FBridgeClip::GetNotes() const
{
	TArray<FString> Notes;
	for (const std::string& Note : Clip->notes)
	{
		Notes.Add(A2FBridge::FromUtf8(Note));
	}
	return Notes;
}
