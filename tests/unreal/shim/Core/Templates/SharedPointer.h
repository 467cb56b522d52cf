// Shared and weak pointers.
#pragma once

#include "HAL/Platform.h"

template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedPtr;

// EPIC Runtime/Core/TSharedRef
template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedRef
{
public:
	explicit TSharedRef(T* Object) : Pointer(Object) {}
	explicit TSharedRef(std::shared_ptr<T> Object) : Pointer(std::move(Object)) {}
	template <typename Other, std::enable_if_t<std::is_convertible_v<Other*, T*>, int> = 0>
	TSharedRef(const TSharedRef<Other, Mode>& Object) : Pointer(Object.Pointer)
	{
	}
	T& Get() const { return *Pointer; }
	T* operator->() const { return Pointer.get(); }
	T& operator*() const { return *Pointer; }
	TSharedPtr<T, Mode> ToSharedPtr() const { return TSharedPtr<T, Mode>(*this); }
	std::shared_ptr<T> Pointer;
};

// EPIC Runtime/Core/TSharedPtr
template <typename T, ESPMode Mode>
class TSharedPtr
{
public:
	TSharedPtr() = default;
	TSharedPtr(std::nullptr_t) {}
	explicit TSharedPtr(std::shared_ptr<T> Object) : Pointer(std::move(Object)) {}
	template <typename Other, std::enable_if_t<std::is_convertible_v<Other*, T*>, int> = 0>
	TSharedPtr(const TSharedRef<Other, Mode>& Object) : Pointer(Object.Pointer)
	{
	}
	template <typename Other, std::enable_if_t<std::is_convertible_v<Other*, T*>, int> = 0>
	TSharedPtr(const TSharedPtr<Other, Mode>& Object) : Pointer(Object.Pointer)
	{
	}
	bool IsValid() const { return Pointer != nullptr; }
	explicit operator bool() const { return IsValid(); }
	T* Get() const { return Pointer.get(); }
	T* operator->() const
	{
		check(IsValid());
		return Pointer.get();
	}
	T& operator*() const { return *Pointer; }
	void Reset() { Pointer.reset(); }
	TSharedRef<T, Mode> ToSharedRef() const
	{
		check(IsValid());
		return TSharedRef<T, Mode>(Pointer);
	}
	std::shared_ptr<T> Pointer;
};

// EPIC Runtime/Core/TWeakPtr
template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TWeakPtr
{
public:
	TWeakPtr() = default;
	template <typename Other>
	TWeakPtr(const TSharedPtr<Other, Mode>& Object) : Pointer(Object.Pointer)
	{
	}
	TSharedPtr<T, Mode> Pin() const { return TSharedPtr<T, Mode>(Pointer.lock()); }
	bool IsValid() const { return !Pointer.expired(); }

private:
	std::weak_ptr<T> Pointer;
};

// EPIC Runtime/Core/TSharedFromThis
template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedFromThis : public std::enable_shared_from_this<T>
{
};

// EPIC Runtime/Core/MakeShared
template <typename T, ESPMode Mode = ESPMode::ThreadSafe, typename... Arguments>
TSharedRef<T, Mode> MakeShared(Arguments&&... Values)
{
	return TSharedRef<T, Mode>(std::make_shared<T>(std::forward<Arguments>(Values)...));
}
