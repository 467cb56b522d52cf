// The work of the table compiler: one merged document on its way to a program. Stages in docs/mapping.md.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "A2FBridge/MappingTable.h"
#include "MappingProgram.h"
#include "TableDocument.h"
#include "TableProfile.h"

namespace a2fbridge
{

class TableCompilation
{
public:
    TableCompilation(const TableDocument& document, const ParamValues& params, ITableLoader* loader, Mistake& mistake)
        : document_(document), params_(params), loader_(loader), mistake_(mistake)
    {
    }

    /// Compiles; after a mistake the program is of no use.
    TableProgram program();

private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// A contribution whose curve is known, by its place in the profile.
    struct Draft
    {
        std::size_t channel;
        std::size_t curve;
        const EntrySpec* spec;
    };

    // --- sources and expressions (TableCompiler.cpp)

    void compile();
    void describe();
    void inputs();
    void expression(const ExpressionSpec& spec);
    ProgramArgument argument(const ArgumentSpec& spec);
    std::size_t findChannel(const TableName& name) const;
    std::size_t channel(const TableName& name, const char* reason);
    void unmapped();
    double number(const std::optional<Numeric>& numeric, double usual);
    Bounds range(const std::optional<NumericRange>& ends);

    // --- curves (TableTargets.cpp)

    /// Contributions in the table's order, a mirrored twin right after its original.
    void drafts();
    void draft(std::size_t from, const TableName& curve, const EntrySpec& spec);
    void twin(const TableName& name, const EntrySpec& spec, const TokenSwap& swap);
    /// Gives every curve that is driven or holds a value its place among the targets: the profile's order.
    void placeTargets(const std::vector<std::pair<std::size_t, double>>& fixed);
    void entry(const Draft& draft);
    void limits();
    std::size_t mapped(std::size_t curve, const TableName& name);
    void outputs();
    /// Refuses a curve that one file names twice in a section; an extending table may name it again.
    void once(std::size_t curve, const TableName& name, std::unordered_map<std::size_t, const TableName*>& seen);
    /// Curves that hold one value: constants, and nulls at 0.
    std::vector<std::pair<std::size_t, double>> constants();

    const TableDocument& document_;
    const ParamValues& params_;
    ITableLoader* loader_;
    Mistake& mistake_;
    TargetProfile profile_;
    TableProgram out_;
    std::unordered_map<std::string, std::size_t> channels_; ///< By folded name.
    std::vector<std::string> channelNames_;
    std::vector<bool> used_; ///< Sources that some expression or mapping names.
    std::vector<Draft> drafts_;
    std::vector<std::size_t> targetOf_; ///< Of a curve of the profile.
    std::vector<bool> mapped_;          ///< Whether a mapping drives a target.
};

} // namespace a2fbridge
