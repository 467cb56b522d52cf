// TStrongObjectPtr.
#pragma once

#include "UObject/Object.h"

// EPIC Runtime/CoreUObject/TStrongObjectPtr
template <typename T>
class TStrongObjectPtr
{
public:
	TStrongObjectPtr() = default;
	explicit TStrongObjectPtr(T* Object) : Pointer(Object) {}
	T* Get() const { return Pointer; }
	bool IsValid() const { return Pointer != nullptr; }

private:
	T* Pointer = nullptr;
};
