// UObject, UClass, UScriptStruct, UEnum, object pointers.
#pragma once

#include "UObject/ObjectMacros.h"

class FObjectInitializer;
class UClass;
class UObject;
class UWorld;

// EPIC Runtime/CoreUObject/FPropertyChangedEvent
struct FPropertyChangedEvent
{
};

// EPIC Runtime/CoreUObject/FObjectInitializer
class FObjectInitializer
{
public:
	static const FObjectInitializer& Get()
	{
		static const FObjectInitializer Only;
		return Only;
	}
};

// EPIC Runtime/CoreUObject/UObject
class UObject
{
public:
	using ThisClass = UObject;
	UObject() : Alive(std::make_shared<bool>(true)) {}
	explicit UObject(const FObjectInitializer&) : UObject() {}
	UObject(const UObject&) = delete;
	virtual ~UObject() { *Alive = false; }
	static UClass* StaticClass();
	virtual UClass* GetClass() const { return StaticClass(); }
	virtual UWorld* GetWorld() const { return Outer ? Outer->GetWorld() : nullptr; }
	virtual void PostInitProperties() {}
	virtual void PostLoad() {}
	virtual void PostEditChangeProperty(FPropertyChangedEvent& PropertyChangedEvent) {}
	FString GetName() const { return Name.ToString(); }
	FName GetFName() const { return Name; }
	FString GetPathName() const { return (Outer ? Outer->GetPathName() + TEXT(".") : FString()) + GetName(); }
	UObject* GetOuter() const { return Outer; }
	bool MarkPackageDirty() const { return true; }
	virtual bool Modify(bool bAlwaysMarkDirty = true) { return true; }
	template <typename T>
	bool IsA() const
	{
		return dynamic_cast<const T*>(this) != nullptr;
	}
	// shim
	UObject* Outer = nullptr;
	TArray<UObject*> Inner;
	FName Name;
	std::shared_ptr<bool> Alive;
};

// EPIC Runtime/CoreUObject/UStruct
class UStruct : public UObject
{
public:
	UStruct(const TCHAR* InName, const UStruct* InSuper) : Super(InSuper) { Name = FName(InName); }
	bool IsChildOf(const UStruct* Other) const
	{
		for (const UStruct* At = this; At != nullptr; At = At->Super)
		{
			if (At == Other)
			{
				return true;
			}
		}
		return false;
	}

private:
	const UStruct* Super;
};

// EPIC Runtime/CoreUObject/UClass
class UClass : public UStruct
{
public:
	using FMake = UObject* (*)(UObject*);
	UClass(const TCHAR* InName, const UClass* InSuper, FMake InMake) : UStruct(InName, InSuper), Make(InMake) {}
	// shim
	FMake Make;
};

inline UClass* UObject::StaticClass()
{
	static UClass Class(TEXT("Object"), nullptr, nullptr);
	return &Class;
}

// EPIC Runtime/CoreUObject/UScriptStruct
class UScriptStruct : public UStruct
{
public:
	UScriptStruct(const TCHAR* InName, size_t InSize) : UStruct(InName, nullptr), Size(InSize) {}
	size_t Size;
};

// EPIC Runtime/CoreUObject/FStructProperty
class FStructProperty
{
public:
	UScriptStruct* Struct = nullptr;
};

// EPIC Runtime/CoreUObject/UEnum
class UEnum : public UObject
{
public:
	UEnum(const TCHAR* InName, std::initializer_list<const TCHAR*> InNames) : Names(InNames) { Name = FName(InName); }
	template <typename EnumType>
	static FString GetValueAsString(EnumType Value);

private:
	TArray<const TCHAR*> Names;
};

// EPIC Runtime/CoreUObject/StaticEnum
template <typename EnumType>
UEnum* StaticEnum();

template <typename EnumType>
FString UEnum::GetValueAsString(EnumType Value)
{
	const UEnum* Enum = StaticEnum<EnumType>();
	return Enum->GetName() + TEXT("::") + Enum->Names[static_cast<int32>(Value)];
}

// EPIC Runtime/CoreUObject/TStructOpsTypeTraitsBase2
template <typename T>
struct TStructOpsTypeTraitsBase2
{
};

// EPIC Runtime/CoreUObject/TStructOpsTypeTraits
template <typename T>
struct TStructOpsTypeTraits : public TStructOpsTypeTraitsBase2<T>
{
};

// EPIC Runtime/CoreUObject/TObjectPtr
template <typename T>
class TObjectPtr
{
public:
	TObjectPtr() = default;
	TObjectPtr(std::nullptr_t) {}
	TObjectPtr(T* Object) : Pointer(Object) {}
	template <typename Other, std::enable_if_t<std::is_convertible_v<Other*, T*>, int> = 0>
	TObjectPtr(const TObjectPtr<Other>& Object) : Pointer(Object.Get())
	{
	}
	T* Get() const { return Pointer; }
	operator T*() const { return Pointer; }
	T* operator->() const
	{
		check(Pointer != nullptr);
		return Pointer;
	}
	T& operator*() const { return *Pointer; }

private:
	T* Pointer = nullptr;
};

// EPIC Runtime/CoreUObject/TWeakObjectPtr
template <typename T>
class TWeakObjectPtr
{
public:
	TWeakObjectPtr() = default;
	TWeakObjectPtr(T* Object) : Pointer(Object), Alive(Object ? Object->Alive : nullptr) {}
	template <typename Other, std::enable_if_t<std::is_convertible_v<Other*, T*>, int> = 0>
	TWeakObjectPtr(const TObjectPtr<Other>& Object) : TWeakObjectPtr(static_cast<T*>(Object.Get()))
	{
	}
	T* Get() const { return IsValid() ? Pointer : nullptr; }
	bool IsValid() const { return Alive && *Alive; }

private:
	T* Pointer = nullptr;
	std::shared_ptr<bool> Alive;
};

// EPIC Runtime/CoreUObject/Cast
template <typename To, typename From>
To* Cast(From* Object)
{
	return dynamic_cast<To*>(Object);
}
template <typename To, typename From>
const To* Cast(const From* Object)
{
	return dynamic_cast<const To*>(Object);
}

// shim: makes an object the way the engine does: by default constructor or by FObjectInitializer
template <typename T>
T* ShimMake(UObject* Outer)
{
	T* Object = nullptr;
	if constexpr (std::is_default_constructible_v<T>)
	{
		Object = new T();
	}
	else
	{
		Object = new T(FObjectInitializer::Get());
	}
	Object->Outer = Outer;
	Object->PostInitProperties();
	return Object;
}

// EPIC Runtime/CoreUObject/NewObject
template <typename T>
T* NewObject(UObject* Outer, const UClass* Class, FName Name = FName(), EObjectFlags Flags = RF_NoFlags)
{
	static int32 Count = 0;
	T* Object = Cast<T>(Class->Make(Outer));
	Object->Name = Name.IsNone() ? FName(*FString::Printf(TEXT("%s_%d"), *Class->GetName(), Count++)) : Name;
	if (Outer != nullptr)
	{
		Outer->Inner.Add(Object);
	}
	return Object;
}
template <typename T>
T* NewObject(UObject* Outer = nullptr)
{
	return NewObject<T>(Outer, T::StaticClass());
}
template <typename T>
T* NewObject(UObject* Outer, FName Name, EObjectFlags Flags = RF_NoFlags)
{
	return NewObject<T>(Outer, T::StaticClass(), Name, Flags);
}
template <typename T>
T* NewObject(UObject* Outer, const TCHAR* Name)
{
	return NewObject<T>(Outer, T::StaticClass(), FName(Name));
}

// EPIC Runtime/CoreUObject/FindObject
template <typename T>
T* FindObject(UObject* Outer, const TCHAR* Name)
{
	for (UObject* Object : Outer->Inner)
	{
		if (Object->Name == FName(Name))
		{
			return Cast<T>(Object);
		}
	}
	return nullptr;
}

// EPIC Runtime/CoreUObject/GetMutableDefault
template <typename T>
T* GetMutableDefault()
{
	static T* Default = NewObject<T>();
	return Default;
}

// EPIC Runtime/CoreUObject/GetDefault
template <typename T>
const T* GetDefault()
{
	return GetMutableDefault<T>();
}

// EPIC Runtime/CoreUObject/GetNameSafe
inline FString GetNameSafe(const UObject* Object)
{
	return Object ? Object->GetName() : FString(TEXT("None"));
}

// EPIC Runtime/CoreUObject/TSoftObjectPtr
template <typename T>
class TSoftObjectPtr
{
public:
	TSoftObjectPtr() = default;
	TSoftObjectPtr(T* Object) : Pointer(Object) {}
	T* Get() const { return Pointer; }
	T* LoadSynchronous() const { return Pointer; }
	bool IsNull() const { return Pointer == nullptr; }

private:
	T* Pointer = nullptr;
};

// EPIC Runtime/CoreUObject/TSoftClassPtr
template <typename T>
class TSoftClassPtr
{
public:
	TSoftClassPtr() = default;
	TSoftClassPtr(UClass* Class) : Pointer(Class) {}
	UClass* Get() const { return Pointer; }

private:
	UClass* Pointer = nullptr;
};
