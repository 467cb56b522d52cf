// TUniquePtr.
#pragma once

#include "HAL/Platform.h"

// EPIC Runtime/Core/TUniquePtr
template <typename T>
class TUniquePtr
{
public:
	TUniquePtr() = default;
	TUniquePtr(std::nullptr_t) {}
	explicit TUniquePtr(T* Object) : Pointer(Object) {}
	template <typename Other, std::enable_if_t<std::is_convertible_v<Other*, T*>, int> = 0>
	TUniquePtr(TUniquePtr<Other>&& Object) : Pointer(Object.Release())
	{
	}
	TUniquePtr(TUniquePtr&& Other) noexcept = default;
	TUniquePtr& operator=(TUniquePtr&& Other) noexcept = default;
	bool IsValid() const { return Pointer != nullptr; }
	explicit operator bool() const { return IsValid(); }
	T* Get() const { return Pointer.get(); }
	T* Release() { return Pointer.release(); }
	void Reset(T* Object = nullptr) { Pointer.reset(Object); }
	T* operator->() const
	{
		check(IsValid());
		return Pointer.get();
	}
	T& operator*() const { return *Pointer; }

private:
	std::unique_ptr<T> Pointer;
};

// EPIC Runtime/Core/MakeUnique
template <typename T, typename... Arguments>
TUniquePtr<T> MakeUnique(Arguments&&... Values)
{
	return TUniquePtr<T>(new T(std::forward<Arguments>(Values)...));
}
