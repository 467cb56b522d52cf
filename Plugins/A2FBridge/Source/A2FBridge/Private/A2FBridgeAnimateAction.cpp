#include "A2FBridgeAnimateAction.h"

#include "Engine/World.h"
#include "GameFramework/Actor.h"
#include "Sound/SoundSubmix.h"
#include "Sound/SoundWave.h"
#include "UObject/StrongObjectPtr.h"

namespace
{
FA2FBridgeStreamSettings SettingsOf(FName Connection, const FA2FBridgeEmotion& Emotion,
	const FA2FBridgeFaceParameters& FaceParameters, const FA2FBridgeAnimateOptions& Options)
{
	FA2FBridgeStreamSettings Settings;
	Settings.Connection = Connection.IsNone() ? FName(TEXT("Default")) : Connection;
	Settings.Emotion = Emotion;
	Settings.FaceParameters = FaceParameters;
	Settings.Options = Options;
	return Settings;
}
} // namespace

UA2FBridgeAnimateAction* UA2FBridgeAnimateAction::AnimateCharacterFromSoundWave(UObject* WorldContextObject, AActor* Character,
	USoundWave* SoundWave, const FA2FBridgeEmotion& Emotion, const FA2FBridgeFaceParameters& FaceParameters, FName Connection,
	const FA2FBridgeAnimateOptions& Options)
{
	return Make(WorldContextObject, Character,
		[Wave = TStrongObjectPtr<USoundWave>(SoundWave), Settings = SettingsOf(Connection, Emotion, FaceParameters, Options)](
			UA2FBridgeFaceComponent& Target) { return Target.StartSoundWave(Wave.Get(), Settings); });
}

UA2FBridgeAnimateAction* UA2FBridgeAnimateAction::AnimateCharacterFromWavFile(UObject* WorldContextObject, AActor* Character,
	const FString& PathToWav, const FA2FBridgeEmotion& Emotion, const FA2FBridgeFaceParameters& FaceParameters, FName Connection,
	const FA2FBridgeAnimateOptions& Options)
{
	return Make(WorldContextObject, Character,
		[PathToWav, Settings = SettingsOf(Connection, Emotion, FaceParameters, Options)](UA2FBridgeFaceComponent& Target)
		{ return Target.StartWavFile(PathToWav, Settings); });
}

UA2FBridgeAnimateAction* UA2FBridgeAnimateAction::AnimateCharacterFromAudioSamples(UObject* WorldContextObject, AActor* Character,
	const TArray<float>& Samples, int32 Channels, int32 SampleRate, bool bEndOfSamples, const FA2FBridgeEmotion& Emotion,
	const FA2FBridgeFaceParameters& FaceParameters, FName Connection, const FA2FBridgeAnimateOptions& Options)
{
	return Make(WorldContextObject, Character,
		[Samples, Channels, SampleRate, bEndOfSamples, Settings = SettingsOf(Connection, Emotion, FaceParameters, Options)](
			UA2FBridgeFaceComponent& Target)
		{ return Target.StartSamplesWith(Samples, Channels, SampleRate, bEndOfSamples, Settings); });
}

UA2FBridgeAnimateAction* UA2FBridgeAnimateAction::AnimateCharacterFromMicrophone(UObject* WorldContextObject, AActor* Character,
	const FString& Microphone, const FA2FBridgeEmotion& Emotion, const FA2FBridgeFaceParameters& FaceParameters, FName Connection,
	const FA2FBridgeAnimateOptions& Options)
{
	return Make(WorldContextObject, Character,
		[Microphone, Settings = SettingsOf(Connection, Emotion, FaceParameters, Options)](UA2FBridgeFaceComponent& Target)
		{ return Target.StartMicrophone(Microphone, Settings); });
}

UA2FBridgeAnimateAction* UA2FBridgeAnimateAction::AnimateCharacterFromSubmix(UObject* WorldContextObject, AActor* Character,
	USoundSubmix* Submix, const FA2FBridgeEmotion& Emotion, const FA2FBridgeFaceParameters& FaceParameters, FName Connection,
	const FA2FBridgeAnimateOptions& Options)
{
	return Make(WorldContextObject, Character,
		[Heard = TStrongObjectPtr<USoundSubmix>(Submix), Settings = SettingsOf(Connection, Emotion, FaceParameters, Options)](
			UA2FBridgeFaceComponent& Target) { return Target.StartSubmix(Heard.Get(), Settings); });
}

UA2FBridgeAnimateAction* UA2FBridgeAnimateAction::PlayRecordedSession(
	UObject* WorldContextObject, AActor* Character, const FString& Path, bool bPlaySound)
{
	return Make(WorldContextObject, Character,
		[Path, bPlaySound](UA2FBridgeFaceComponent& Target) { return Target.StartRecording(Path, bPlaySound); });
}

UA2FBridgeAnimateAction* UA2FBridgeAnimateAction::Make(UObject* WorldContextObject, AActor* Character, FBegin Begin)
{
	UA2FBridgeAnimateAction* Action = NewObject<UA2FBridgeAnimateAction>();
	Action->Character = Character;
	Action->Begin = MoveTemp(Begin);
	Action->RegisterWithGameInstance(WorldContextObject);
	return Action;
}

void UA2FBridgeAnimateAction::Activate()
{
	UA2FBridgeFaceComponent* Target = UA2FBridgeFaceComponent::FindOrAdd(Character.Get());
	if (Target == nullptr)
	{
		End(Failed, -1.0f, TEXT("there is no character: the Character pin is empty or its actor was destroyed"));
		return;
	}
	Face = Target;
	Stream = Begin(*Target);
	Begin = nullptr; // what it holds alive is no longer needed
	Handle = Target->OnStreamEvent.AddUObject(this, &UA2FBridgeAnimateAction::HandleEvent);
}

void UA2FBridgeAnimateAction::Cancel()
{
	UA2FBridgeFaceComponent* Target = Face.Get();
	if (Target != nullptr && Target->GetStream() == Stream && Stream != 0)
	{
		Target->StopSpeaking();
	}
}

void UA2FBridgeAnimateAction::HandleEvent(
	UA2FBridgeFaceComponent* From, int32 Number, EA2FBridgeStreamEvent Event, float Share, const FString& Text)
{
	if (Number != Stream)
	{
		return;
	}
	switch (Event)
	{
	case EA2FBridgeStreamEvent::Started:
		Started.Broadcast(From, Share, Text);
		break;
	case EA2FBridgeStreamEvent::FirstFrame:
		FirstFrame.Broadcast(From, Share, Text);
		break;
	case EA2FBridgeStreamEvent::Progress:
		Progressed.Broadcast(From, Share, Text);
		break;
	case EA2FBridgeStreamEvent::Finished:
		End(Finished, 1.0f, Text);
		break;
	case EA2FBridgeStreamEvent::Cancelled:
		End(Cancelled, Share, Text);
		break;
	case EA2FBridgeStreamEvent::Failed:
		End(Failed, Share, Text);
		break;
	default:
		break;
	}
}

void UA2FBridgeAnimateAction::End(FA2FBridgeAnimatePin& Pin, float Share, const FString& Text)
{
	UA2FBridgeFaceComponent* From = Face.Get();
	if (From != nullptr)
	{
		From->OnStreamEvent.Remove(Handle);
	}
	Pin.Broadcast(From, Share, Text);
	SetReadyToDestroy();
}
