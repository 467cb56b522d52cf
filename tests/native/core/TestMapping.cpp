// Mapping tables against the vectors: numbers within 1e-6, refused tables at the same line and column as in Python.
#include <cmath>

#include <doctest/doctest.h>

#include "A2FBridge/MappingTable.h"
#include "JsonTree.h"

using namespace a2fbridge;
using namespace a2fbridge::test;

namespace
{

const std::string kRoot = A2FBRIDGE_ROOT;

std::unique_ptr<ITableLoader> shippedLoader()
{
    return makeFolderLoader(kRoot + "/mappings");
}

std::shared_ptr<const MappingTable> loadTable(const std::string& name,
                                              std::vector<std::pair<std::string, double>> params = {})
{
    const auto loader = shippedLoader();
    auto table = MappingTable::load(name, *loader, std::move(params));
    REQUIRE_MESSAGE(table.ok(), table.error().text());
    return table.value();
}

Result<std::shared_ptr<const MappingTable>> parseTable(const std::string& text, const std::string& path = {})
{
    const auto loader = shippedLoader();
    TableOptions options;
    options.loader = loader.get();
    options.path = path;
    return MappingTable::parse(text, options);
}

void checkVector(const std::string& file)
{
    CAPTURE(file);
    const Json vector = readVector("mapping/" + file + ".json");
    const std::string name = vector["table"].text;
    std::vector<std::pair<std::string, double>> params;
    for (const auto& entry : vector["params"].entries)
    {
        params.emplace_back(entry.first, entry.second.number);
    }
    const bool isFile = name.find('.') != std::string::npos;
    const auto table = loadTable(isFile ? kRoot + "/tests/vectors/mapping/" + name : name, params);
    CHECK(conventionName(table->convention()) == vector["convention"].text);
    CHECK(table->targets() == vector["targets"].texts());
    const std::vector<std::string> names = vector["names"].texts();
    const auto plan = table->bind(names);
    REQUIRE(plan.ok());
    CHECK(plan.value()->missing() == vector["missing"].texts());
    CHECK(plan.value()->inputCount() == names.size());
    std::vector<float> out(plan.value()->outputCount());
    std::vector<double> scratch(plan.value()->scratchSize(), -1.0);
    for (std::size_t i = 0; i < vector["frames"].size(); ++i)
    {
        const std::vector<float> frame = vector["frames"][i].floats();
        const std::vector<float> expected = vector["expected"][i].floats();
        plan.value()->apply(frame.data(), out.data(), scratch.data());
        REQUIRE(out.size() == expected.size());
        for (std::size_t t = 0; t < out.size(); ++t)
        {
            CAPTURE(i);
            CAPTURE(table->targets()[t]);
            CHECK(std::abs(static_cast<double>(out[t]) - static_cast<double>(expected[t])) <= 1e-6);
        }
    }
}

} // namespace

TEST_CASE("A2FBridge.Mapping.Vectors")
{
    for (const char* file : {"base",
                             "arkit_source",
                             "extends",
                             "inputs",
                             "shipped_mh4",
                             "example_mouth_close",
                             "shipped_mh3",
                             "endings",
                             "limits_outputs",
                             "parameters",
                             "overflow",
                             "names",
                             "constants",
                             "remaps",
                             "shipped_cc4",
                             "combine",
                             "expressions",
                             "shipped_arkit",
                             "missing_skip",
                             "example_funnel_pucker",
                             "shipped_vrm",
                             "shipped_vrm_perfect_sync",
                             "example_eyes_tongue",
                             "missing_zero",
                             "mirror_tokens"})
    {
        checkVector(file);
    }
}

TEST_CASE("A2FBridge.Mapping.Refused")
{
    const Json vectors = readVector("mapping/refused.json");
    REQUIRE(vectors.size() > 50);
    for (const auto& entry : vectors.entries)
    {
        const Json& vector = entry.second;
        CAPTURE(vector["name"].text);
        const auto table = parseTable(vector["text"].text);
        REQUIRE_FALSE(table.ok());
        CAPTURE(table.error().text());
        CHECK(table.error().code == ErrorCode::InvalidData);
        CHECK(table.error().reason == vector["code"].text);
        CHECK(table.error().line == vector["line"].integer());
        CHECK(table.error().column == vector["column"].integer());
    }
}

TEST_CASE("A2FBridge.Mapping.DefaultTableDrivesCurvesOfTheMetaHuman")
{
    const auto table = loadTable("mh4");
    CHECK(table->name() == "mh4");
    CHECK(table->convention() == Convention::A2F);
    CHECK(table->sources().size() == 68);
    CHECK(table->targets().size() == table->curves().size());
    CHECK(table->targets()[0].rfind("CTRL_expressions_", 0) == 0);
    CHECK(table->warnings().empty());
    CHECK_FALSE(table->provenance().empty());
    CHECK_FALSE(table->description().empty());
}

TEST_CASE("A2FBridge.Mapping.UnknownNamesComeWithTheNearest")
{
    const auto table = parseTable("schema_version: 1\nname: t\nconvention: a2f\ntarget: {profile: metahuman_mh4}\n"
                                  "mappings:\n  JawOpen: [{curve: jawOpn}]\n");
    REQUIRE_FALSE(table.ok());
    CHECK(table.error().message.find("did you mean 'jawOpen'?") != std::string::npos);
    const auto loader = shippedLoader();
    const auto missing = MappingTable::load("mh5", *loader);
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().code == ErrorCode::NotFound);
    CHECK(missing.error().message.find("did you mean 'mh4'?") != std::string::npos);
}

TEST_CASE("A2FBridge.Mapping.ParametersAreChecked")
{
    const auto loader = shippedLoader();
    const auto unknown = MappingTable::load("mh4", *loader, {{"blink_gian", 1.0}});
    REQUIRE_FALSE(unknown.ok());
    CHECK(unknown.error().code == ErrorCode::InvalidArgument);
    CHECK(unknown.error().message.find("blink_gain") != std::string::npos);
    CHECK_FALSE(MappingTable::load("mh4", *loader, {{"blink_gain", std::nan("")}}).ok());
    const auto table = loadTable("mh4", {{"Blink_Gain", 2.0}});
    bool found = false;
    for (const auto& [name, value] : table->params())
    {
        found = found || (name == "blink_gain" && value == 2.0);
    }
    CHECK(found);
}

TEST_CASE("A2FBridge.Mapping.WithoutALoaderOnlyCustomProfilesWork")
{
    const std::string head = "schema_version: 1\nname: t\nconvention: a2f\n";
    const auto table =
        MappingTable::parse(head + "target: {profile: custom, curves: [jaw]}\nmappings:\n  JawOpen: [{curve: jaw}]\n");
    REQUIRE(table.ok());
    CHECK(table.value()->warnings().size() == 67);
    CHECK(MappingTable::parse(head + "extends: mh4\n").error().reason == "unknown_table");
    CHECK(MappingTable::parse(head + "target: {profile: vrm}\n").error().reason == "unknown_profile");
}

TEST_CASE("A2FBridge.Mapping.ExtendsStaysInItsFolder")
{
    const std::string head = "schema_version: 1\nname: t\nconvention: a2f\nextends: ";
    const std::string path = kRoot + "/tests/vectors/mapping/t.yaml";
    CHECK(parseTable(head + "base.yaml\n", path).ok());
    CHECK(parseTable(head + "../../../mappings/metahuman/mh4.yaml\n", path).error().reason == "extends");
    CHECK(parseTable(head + "nothing.yaml\n", path).error().reason == "unknown_table");
    CHECK(parseTable(head + "t.yaml\n", path).error().reason == "unknown_table");
}

namespace
{

/// Tables in memory: a circle, and a chain of any length.
class MemoryLoader final : public ITableLoader
{
public:
    Result<TableText> table(std::string_view name, std::string_view, std::string_view) override
    {
        const std::string head = "schema_version: 1\nconvention: a2f\nname: " + std::string(name) + "\n";
        if (name == "circle")
        {
            return TableText{"circle", head + "extends: circle\n", false};
        }
        if (name.substr(0, 1) == "n")
        {
            const int left = std::stoi(std::string(name.substr(1)));
            const std::string next = "extends: n" + std::to_string(left - 1) + "\n";
            const std::string last = "target: {profile: custom, curves: [jaw]}\n";
            return TableText{std::string(name), head + (left > 1 ? next : last), false};
        }
        return makeError(ErrorCode::NotFound, "no");
    }
    Result<TableText> profile(std::string_view) override { return makeError(ErrorCode::NotFound, "no"); }
    std::vector<std::string> tableNames() const override { return {}; }
    std::vector<std::string> profileNames() const override { return {}; }
};

} // namespace

TEST_CASE("A2FBridge.Mapping.ChainsAreBounded")
{
    MemoryLoader loader;
    CHECK(MappingTable::load("circle", loader).error().reason == "extends");
    CHECK(MappingTable::load("n8", loader).ok());
    CHECK(MappingTable::load("n9", loader).error().reason == "extends");
}

TEST_CASE("A2FBridge.Mapping.NamesOfAFrameMayNotStandTwice")
{
    const auto table = loadTable("mh4");
    const auto plan = table->bind(std::vector<std::string>{"JawOpen", "jawopen"});
    REQUIRE_FALSE(plan.ok());
    CHECK(plan.error().code == ErrorCode::InvalidArgument);
}
