// Components of actors.
#pragma once

#include "Engine/EngineTypes.h"

class AActor;

// EPIC Runtime/Engine/UActorComponent
class UActorComponent : public UObject
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("ActorComponent"), UObject::StaticClass(), nullptr);
		return &Class;
	}
	AActor* GetOwner() const;
	virtual UWorld* GetWorld() const override;
	void RegisterComponent();
	bool IsRegistered() const { return bRegistered; }
	virtual void OnRegister() { bRegistered = true; }
	virtual void OnUnregister() { bRegistered = false; }
	virtual void BeginPlay() {}
	virtual void EndPlay(const EEndPlayReason::Type EndPlayReason) {}
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) {}
	virtual void DestroyComponent(bool bPromoteChildren = false);
	FActorComponentTickFunction PrimaryComponentTick;
	bool bTickInEditor = false;

protected:
	bool bRegistered = false;
};

// EPIC Runtime/Engine/USceneComponent
class USceneComponent : public UActorComponent
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("SceneComponent"), UActorComponent::StaticClass(), nullptr);
		return &Class;
	}
	void SetupAttachment(USceneComponent* InParent, FName InSocketName = FName()) { Parent = InParent; }
	bool AttachToComponent(USceneComponent* InParent, const FAttachmentTransformRules& Rules, FName InSocketName = FName())
	{
		Parent = InParent;
		return true;
	}
	USceneComponent* GetAttachParent() const { return Parent; }

private:
	USceneComponent* Parent = nullptr;
};
