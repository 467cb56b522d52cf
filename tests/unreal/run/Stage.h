// An engine, a world with a device, actors with faces, and time that the test moves.
#pragma once

#include "Run.h"

#include "AudioDevice.h"
#include "Components/AudioComponent.h"
#include "Containers/Ticker.h"
#include "Editor.h"
#include "Engine/Engine.h"
#include "Engine/World.h"
#include "GameFramework/Actor.h"
#include "HAL/FileManager.h"
#include "HAL/PlatformProcess.h"
#include "HAL/PlatformTime.h"
#include "Interfaces/IPluginManager.h"
#include "Misc/CommandLine.h"
#include "Misc/FileHelper.h"
#include "Misc/Paths.h"

#include "A2FBridge/File.h"
#include "A2FBridge/Recording.h"
#include "A2FBridgeFaceComponent.h"
#include "A2FBridgeMappingTable.h"
#include "A2FBridgeSettings.h"
#include "A2FBridgeSubsystem.h"

namespace Run
{

constexpr double Tick = 1.0 / 60.0;
constexpr int32 Rate = 16000;

/** A world with one device (or none), and characters with a root component. */
class FStage
{
public:
	explicit FStage(bool bDevice = true)
	{
		Shim::Clock = 1000.0;
		Shim::LogLines().clear();
		GEngine = GEditor = new UEditorEngine();
		Subsystem = NewObject<UA2FBridgeSubsystem>();
		FSubsystemCollectionBase Collection;
		Subsystem->Initialize(Collection);
		GEngine->Subsystem = Subsystem;
		World = new UWorld();
		GEditor->GetEditorWorldContext().Current = World;
		World->Device = bDevice ? &Device : nullptr;
	}
	~FStage()
	{
		for (AActor* Actor : World->Actors)
		{
			const TArray<UActorComponent*> Copy = Actor->Components;
			for (UActorComponent* Component : Copy)
			{
				Component->DestroyComponent();
			}
		}
		Subsystem->Deinitialize();
		GEngine = GEditor = nullptr;
		Shim::Clock = -1.0;
	}

	AActor* Spawn(const char* Name = "Face")
	{
		AActor* Actor = new AActor();
		Actor->Name = FName(Name);
		Actor->World = World;
		Actor->Outer = World;
		Actor->Root = new USceneComponent();
		World->Actors.Add(Actor);
		return Actor;
	}

	UA2FBridgeFaceComponent* SpawnFace(UA2FBridgeMappingTable* Table = nullptr)
	{
		AActor* Actor = Spawn();
		UA2FBridgeFaceComponent* Face = NewObject<UA2FBridgeFaceComponent>(Actor);
		Face->MappingTable = Table;
		Face->RegisterComponent();
		return Face;
	}

	/** One frame: the device takes its sound, everything ticks. */
	void Step(double Seconds = Tick)
	{
		if (Shim::Clock >= 0.0)
		{
			Shim::Clock += Seconds;
		}
		else
		{
			FPlatformProcess::Sleep(static_cast<float>(Seconds)); // a test with a real server
		}
		for (AActor* Actor : World->Actors)
		{
			for (UActorComponent* Component : Actor->Components)
			{
				if (UAudioComponent* Voice = Cast<UAudioComponent>(Component); Voice && !World->bPaused)
				{
					Voice->Render(Seconds);
				}
			}
		}
		FTSTicker::GetCoreTicker().Tick(static_cast<float>(Seconds));
		for (AActor* Actor : World->Actors)
		{
			const TArray<UActorComponent*> Copy = Actor->Components;
			for (UActorComponent* Component : Copy)
			{
				if (UA2FBridgeFaceComponent* Face = Cast<UA2FBridgeFaceComponent>(Component))
				{
					Face->TickComponent(static_cast<float>(Seconds), LEVELTICK_All, nullptr);
				}
			}
		}
	}

	/** Steps until a condition holds, for at most that many seconds; returns whether it does. */
	bool StepUntil(const std::function<bool()>& Condition, double Seconds)
	{
		for (double Passed = 0.0; Passed < Seconds && !Condition(); Passed += Tick)
		{
			Step();
		}
		return Condition();
	}

	double Latency() const { return static_cast<double>(Device.BufferLength) * Device.NumBuffers / Device.SampleRate; }

	static UAudioComponent* Voice(const UA2FBridgeFaceComponent* Face) { return Face->GetOwner()->FindComponentByClass<UAudioComponent>(); }

	FAudioDevice Device;
	UWorld* World = nullptr;
	UA2FBridgeSubsystem* Subsystem = nullptr;
};

/** A session whose jaw opens evenly: JawOpen is the time in seconds times Slope; with a ramp of sound beneath. */
inline FString WriteRamp(const char* Name, double Seconds, double Slope = 0.3, bool bSound = true)
{
	const std::string Path = Shim::ProjectFolder + "/" + Name;
	IFileManager::Get().MakeDirectory(*FString(Shim::ProjectFolder.c_str()), true);
	auto Sink = a2fbridge::makeFileSink(Path);
	a2fbridge::StreamFormat Format;
	Format.names = {"JawOpen", "MouthClose", "EyeBlinkLeft"};
	Format.sampleRate = Rate;
	auto Writer = a2fbridge::RecordingWriter::create(*Sink.value(), Format);
	if (bSound)
	{
		std::vector<int16> Sound(static_cast<size_t>(Seconds * Rate));
		for (size_t Index = 0; Index < Sound.size(); ++Index)
		{
			Sound[Index] = static_cast<int16>(Index % 20000);
		}
		(void)Writer.value()->writeAudio(0, Sound);
	}
	for (int64 Frame = 0; static_cast<double>(Frame) / 30.0 < Seconds; ++Frame)
	{
		const double Time = static_cast<double>(Frame) / 30.0;
		const float Weights[3] = {static_cast<float>(Time * Slope), 0.0f, 0.25f};
		a2fbridge::FrameView View;
		View.sampleIndex = Format.frameRate.sampleOf(Frame, Rate);
		View.timeCode = Time;
		View.weights = a2fbridge::Span<float>(Weights, 3);
		(void)Writer.value()->writeFrame(View);
	}
	(void)Writer.value()->close();
	return FString(Path.c_str());
}

/** Collects the events of a face. */
struct FEvents
{
	explicit FEvents(UA2FBridgeFaceComponent* InFace) : Face(InFace)
	{
		Handle = Face->OnStreamEvent.AddLambda([this](UA2FBridgeFaceComponent*, int32 Number, EA2FBridgeStreamEvent Event, float Share, const FString& Text)
											   { Names.push_back(Shim::Narrow(*UEnum::GetValueAsString(Event)).substr(23)); Numbers.push_back(Number); LastShare = Share; LastText = Shim::Narrow(*Text); });
	}
	~FEvents() { Face->OnStreamEvent.Remove(Handle); }
	bool Has(const std::string& Name) const { return std::find(Names.begin(), Names.end(), Name) != Names.end(); }
	/** The events without Progress, joined. */
	std::string Order() const
	{
		std::string Text;
		for (const std::string& Name : Names)
		{
			Text += Name == "Progress" ? "" : (Text.empty() ? "" : " ") + Name;
		}
		return Text;
	}
	UA2FBridgeFaceComponent* Face;
	FDelegateHandle Handle;
	std::vector<std::string> Names;
	std::vector<int32> Numbers;
	float LastShare = 0.0f;
	std::string LastText;
};

/** A variable of the test; empty when it is not set. */
inline FString Environment(const char* Name)
{
	const char* Value = std::getenv(Name);
	return Value ? FString(Value) : FString();
}

inline std::string Text(const FString& Value)
{
	return Shim::Narrow(*Value);
}

} // namespace Run
