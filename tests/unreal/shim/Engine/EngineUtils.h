// Iterators over actors.
#pragma once

#include "Engine/World.h"

// EPIC Runtime/Engine/TActorIterator
template <typename T>
class TActorIterator
{
public:
	explicit TActorIterator(const UWorld* World)
	{
		for (AActor* Actor : World->Actors)
		{
			if (T* Found = Cast<T>(Actor))
			{
				Found_.Add(Found);
			}
		}
	}
	explicit operator bool() const { return At < Found_.Num(); }
	TActorIterator& operator++()
	{
		++At;
		return *this;
	}
	T* operator*() const { return Found_[At]; }
	T* operator->() const { return Found_[At]; }

private:
	TArray<T*> Found_;
	int32 At = 0;
};
