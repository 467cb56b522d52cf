// Actors.
#pragma once

#include "Components/SceneComponent.h"

// EPIC Runtime/Engine/AActor
class AActor : public UObject
{
public:
	static UClass* StaticClass()
	{
		static UClass Class(TEXT("Actor"), UObject::StaticClass(), nullptr);
		return &Class;
	}
	virtual UWorld* GetWorld() const override { return World; }
	USceneComponent* GetRootComponent() const { return Root; }
	bool SetRootComponent(USceneComponent* NewRootComponent)
	{
		Root = NewRootComponent;
		return true;
	}
	virtual void BeginPlay() {}
	template <typename T>
	T* CreateDefaultSubobject(FName SubobjectName)
	{
		T* Made = ShimMake<T>(this);
		Made->Name = SubobjectName;
		Components.AddUnique(Made);
		return Made;
	}
	float GetActorTimeDilation() const;
	void AddInstanceComponent(UActorComponent* Component) { Components.AddUnique(Component); }
	template <typename T>
	T* FindComponentByClass() const
	{
		for (UActorComponent* Component : Components)
		{
			if (T* Found = Cast<T>(Component))
			{
				return Found;
			}
		}
		return nullptr;
	}
	float CustomTimeDilation = 1.0f;
	// shim
	UWorld* World = nullptr;
	USceneComponent* Root = nullptr;
	TArray<UActorComponent*> Components;
};

// EPIC Runtime/Engine/TInlineComponentArray
template <typename T>
class TInlineComponentArray : public TArray<T>
{
public:
	explicit TInlineComponentArray(const AActor* Actor)
	{
		for (UActorComponent* Component : Actor->Components)
		{
			if (T Found = Cast<std::remove_pointer_t<T>>(Component))
			{
				this->Add(Found);
			}
		}
	}
};

inline AActor* UActorComponent::GetOwner() const
{
	return Cast<AActor>(GetOuter());
}
inline UWorld* UActorComponent::GetWorld() const
{
	return GetOwner() ? GetOwner()->GetWorld() : nullptr;
}
inline void UActorComponent::RegisterComponent()
{
	if (GetOwner())
	{
		GetOwner()->Components.AddUnique(this);
	}
	OnRegister();
}
inline void UActorComponent::DestroyComponent(bool)
{
	if (GetOwner())
	{
		GetOwner()->Components.Remove(this);
	}
	if (bRegistered)
	{
		OnUnregister();
	}
}
