// TPimplPtr: owns an object whose type need not be known where it is declared.
#pragma once

#include "HAL/Platform.h"

// EPIC Runtime/Core/TPimplPtr
template <typename T>
class TPimplPtr
{
public:
	TPimplPtr() = default;
	TPimplPtr(std::nullptr_t) {}
	TPimplPtr(TPimplPtr&&) noexcept = default;
	TPimplPtr& operator=(TPimplPtr&&) noexcept = default;
	TPimplPtr(const TPimplPtr&) = delete;
	TPimplPtr& operator=(const TPimplPtr&) = delete;
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
	// shim
	explicit TPimplPtr(std::shared_ptr<T> Object) : Pointer(std::move(Object)) {}

private:
	std::shared_ptr<T> Pointer;
};

// EPIC Runtime/Core/MakePimpl
template <typename T, typename... Arguments>
TPimplPtr<T> MakePimpl(Arguments&&... Values)
{
	return TPimplPtr<T>(std::shared_ptr<T>(new T(std::forward<Arguments>(Values)...)));
}
