// Automation specs; tests run them.
#pragma once

#include "CoreMinimal.h"

// EPIC Runtime/Core/EAutomationTestFlags (an enum class since 5.5)
enum class EAutomationTestFlags : uint32
{
	None = 0,
	EditorContext = 1,
	ClientContext = 2,
	EngineFilter = 4
};
// EPIC Runtime/Core/EAutomationTestFlags: flags combine
inline constexpr EAutomationTestFlags operator|(EAutomationTestFlags Left, EAutomationTestFlags Right)
{
	return static_cast<EAutomationTestFlags>(static_cast<uint32>(Left) | static_cast<uint32>(Right));
}

// EPIC Runtime/Core/FAutomationSpecBase, FAutomationTestBase
class FAutomationSpecBase
{
public:
	virtual ~FAutomationSpecBase() = default;
	virtual void Define() = 0;
	void Describe(const FString& Description, TFunction<void()> DoWork) { DoWork(); }
	void It(const FString& Description, TFunction<void()> DoWork)
	{
		for (const TFunction<void()>& Before : Befores)
		{
			Before();
		}
		DoWork();
		++Ran;
	}
	void BeforeEach(TFunction<void()> DoWork) { Befores.push_back(DoWork); }
	bool TestTrue(const TCHAR* What, bool bValue) { return Note(What, bValue); }
	bool TestFalse(const TCHAR* What, bool bValue) { return Note(What, !bValue); }
	bool TestNull(const TCHAR* What, const void* Pointer) { return Note(What, Pointer == nullptr); }
	template <typename T>
	bool TestEqual(const TCHAR* What, const T& Actual, const T& Expected)
	{
		return Note(What, Actual == Expected);
	}
	bool TestNearlyEqual(const TCHAR* What, float Actual, float Expected, float Tolerance) { return Note(What, FMath::Abs(Actual - Expected) <= Tolerance); }
	// shim
	int32 Ran = 0;
	std::vector<std::string> Failed;
	static std::vector<std::pair<std::string, FAutomationSpecBase* (*)()>>& All()
	{
		static std::vector<std::pair<std::string, FAutomationSpecBase* (*)()>> Specs;
		return Specs;
	}

private:
	bool Note(const TCHAR* What, bool bGood)
	{
		if (!bGood)
		{
			Failed.push_back(Shim::Narrow(What));
		}
		return bGood;
	}
	std::vector<TFunction<void()>> Befores;
};

// EPIC documentation "Automation Spec": members may stand between the two
#define BEGIN_DEFINE_SPEC(Class, Name, Flags) \
	class Class : public FAutomationSpecBase \
	{ \
	public: \
		static constexpr const char* PrettyName = Name; \
		static constexpr EAutomationTestFlags TestFlags = Flags; \
		virtual void Define() override; \
\
	protected:
#define END_DEFINE_SPEC(Class) \
	} \
	; \
	static const bool Registered##Class = (FAutomationSpecBase::All().push_back({Class::PrettyName, []() -> FAutomationSpecBase* { return new Class(); }}), true);
