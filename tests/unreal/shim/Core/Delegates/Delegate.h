// Delegates.
#pragma once

#include "HAL/Platform.h"

// EPIC Runtime/Core/FDelegateHandle
struct FDelegateHandle
{
	uint64 Id = 0;
	bool IsValid() const { return Id != 0; }
	void Reset() { Id = 0; }
	friend bool operator==(const FDelegateHandle& Left, const FDelegateHandle& Right) { return Left.Id == Right.Id; }
};

template <typename Signature>
class TDelegate;

// EPIC Runtime/Core/TDelegate
template <typename Result, typename... Parameters>
class TDelegate<Result(Parameters...)>
{
public:
	static TDelegate CreateStatic(Result (*Function)(Parameters...)) { return TDelegate(std::function<Result(Parameters...)>(Function)); }
	template <typename Class>
	static TDelegate CreateRaw(Class* Object, Result (Class::*Function)(Parameters...))
	{
		return TDelegate([Object, Function](Parameters... Values) -> Result { return (Object->*Function)(std::forward<Parameters>(Values)...); });
	}
	template <typename Class>
	static TDelegate CreateUObject(Class* Object, Result (Class::*Function)(Parameters...))
	{
		return CreateRaw(Object, Function);
	}
	template <typename Functor>
	static TDelegate CreateLambda(Functor Function)
	{
		return TDelegate(std::function<Result(Parameters...)>(Function));
	}
	TDelegate() = default;
	bool IsBound() const { return static_cast<bool>(Call); }
	Result Execute(Parameters... Values) const { return Call(std::forward<Parameters>(Values)...); }

private:
	explicit TDelegate(std::function<Result(Parameters...)> Function) : Call(std::move(Function)) {}
	std::function<Result(Parameters...)> Call;
};

template <typename Signature>
class TMulticastDelegate;

// EPIC Runtime/Core/TMulticastDelegate
template <typename... Parameters>
class TMulticastDelegate<void(Parameters...)>
{
public:
	using FDelegate = TDelegate<void(Parameters...)>;
	template <typename Class>
	FDelegateHandle AddUObject(Class* Object, void (Class::*Function)(Parameters...))
	{
		return AddLambda([Object, Function](Parameters... Values) { (Object->*Function)(Values...); });
	}
	template <typename Functor>
	FDelegateHandle AddLambda(Functor Function)
	{
		static uint64 Last = 0;
		Calls.push_back({++Last, Function});
		return FDelegateHandle{Last};
	}
	bool Remove(FDelegateHandle Handle)
	{
		const auto Size = Calls.size();
		Calls.erase(std::remove_if(Calls.begin(), Calls.end(), [Handle](const FEntry& Entry) { return Entry.Id == Handle.Id; }), Calls.end());
		return Calls.size() < Size;
	}
	void Broadcast(Parameters... Values) const
	{
		const std::vector<FEntry> Copy = Calls; // listeners may come and go meanwhile
		for (const FEntry& Entry : Copy)
		{
			Entry.Call(Values...);
		}
	}
	bool IsBound() const { return !Calls.empty(); }

private:
	struct FEntry
	{
		uint64 Id;
		std::function<void(Parameters...)> Call;
	};
	std::vector<FEntry> Calls;
};

// EPIC Runtime/Core/FSimpleMulticastDelegate
using FSimpleMulticastDelegate = TMulticastDelegate<void()>;
using FSimpleDelegate = TDelegate<void()>;

// EPIC Runtime/Core/TBaseDynamicMulticastDelegate
template <typename... Parameters>
class TBaseDynamicMulticastDelegate
{
public:
	template <typename Class>
	void __Internal_AddDynamic(Class* InUserObject, void (Class::*InMethodPtr)(Parameters...), const TCHAR* InFunctionName)
	{
		Calls.AddUObject(InUserObject, InMethodPtr);
	}
	void Broadcast(Parameters... Values) const { Calls.Broadcast(Values...); }
	bool IsBound() const { return Calls.IsBound(); }
	// shim: tests listen without an object
	template <typename Functor>
	FDelegateHandle ShimAdd(Functor Function)
	{
		return Calls.AddLambda(Function);
	}

private:
	TMulticastDelegate<void(Parameters...)> Calls;
};

// EPIC documentation "Multi-cast Delegates", "Dynamic Delegates" (types and names alternate there)
#define AddDynamic(UserObject, FuncName) __Internal_AddDynamic(UserObject, FuncName, TEXT(#FuncName))
#define DECLARE_MULTICAST_DELEGATE_OneParam(Name, A) using Name = TMulticastDelegate<void(A)>
#define DECLARE_MULTICAST_DELEGATE_FiveParams(Name, A, B, C, D, E) using Name = TMulticastDelegate<void(A, B, C, D, E)>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(Name, A, AName) \
	class Name : public TBaseDynamicMulticastDelegate<A> \
	{ \
	}
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(Name, A, AName, B, BName) \
	class Name : public TBaseDynamicMulticastDelegate<A, B> \
	{ \
	}
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(Name, A, AName, B, BName, C, CName) \
	class Name : public TBaseDynamicMulticastDelegate<A, B, C> \
	{ \
	}
