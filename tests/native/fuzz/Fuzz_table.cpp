// A table from anywhere: it is refused with a place, or it maps any frame to finite numbers within binary32.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "A2FBridge/MappingTable.h"
#include "A2FBridge/Names.h"

using namespace a2fbridge;

namespace
{

/// One base table and one small profile.
class Loader final : public ITableLoader
{
public:
    Result<TableText> table(std::string_view name, std::string_view, std::string_view) override
    {
        if (name != "base")
        {
            return makeError(ErrorCode::NotFound, "no");
        }
        return TableText{"base",
                         "schema_version: 1\nname: base\nconvention: a2f\ntarget: {profile: small}\n"
                         "params: {gain: 2}\nmappings:\n  JawOpen: [{curve: jaw, weight: $gain}]\n",
                         true};
    }
    Result<TableText> profile(std::string_view name) override
    {
        if (name != "small")
        {
            return makeError(ErrorCode::NotFound, "no");
        }
        return TableText{"small", "profile: small\ncurves: [jaw, browL, browR, lipUL, lipUR, lipDL, lipDR]\n", true};
    }
    std::vector<std::string> tableNames() const override { return {"base"}; }
    std::vector<std::string> profileNames() const override { return {"small"}; }
};

void mustBe(bool right)
{
    if (!right)
    {
        std::abort();
    }
}

void mapSomething(const MappingTable& table)
{
    const std::vector<std::string> names(faceNames().begin(), faceNames().end());
    const auto plan = table.bind(names);
    mustBe(plan.ok());
    std::vector<float> weights(names.size());
    std::vector<float> out(plan.value()->outputCount());
    std::vector<double> scratch(plan.value()->scratchSize());
    for (const float value : {0.0F, 1.0F, -3.0F, 0.3F, std::numeric_limits<float>::quiet_NaN(), 1e30F})
    {
        weights.assign(names.size(), value);
        plan.value()->apply(weights.data(), out.data(), scratch.data());
        for (const float curve : out)
        {
            mustBe(!std::isnan(curve));
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    Loader loader;
    TableOptions options;
    options.loader = &loader;
    options.path = "fuzz";
    const auto table = MappingTable::parse({reinterpret_cast<const char*>(data), size}, options);
    if (table)
    {
        mapSomething(*table.value());
    }
    else
    {
        mustBe(!table.error().reason.empty() && table.error().line > 0 && table.error().column > 0);
    }
    return 0;
}
