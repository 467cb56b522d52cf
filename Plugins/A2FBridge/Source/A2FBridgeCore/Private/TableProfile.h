// Source and target profiles: which names may come in and go out, and the short forms of curve names.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "A2FBridge/MappingTable.h"
#include "TableDocument.h"

namespace a2fbridge
{

/// The curves of a rig, in the order in which a table's targets go out.
struct TargetProfile
{
    std::string name;
    std::string prefix;
    std::vector<std::string> curves;                     ///< First those that get the prefix, then the plain ones.
    std::size_t plainFrom = 0;                           ///< From here on they are plain.
    std::unordered_map<std::string, std::size_t> places; ///< By folded name.
};

/// The profile that a table's `target` names, or the one that it spells out (custom).
TargetProfile resolveTarget(const TargetSpec& spec, ITableLoader* loader, Mistake& mistake);

/// The sources of a profile; a2f_68 when the table says nothing.
std::vector<std::string> resolveSources(const std::optional<TableName>& profile, Mistake& mistake);

/// The places of the curves that a name stands for: name@lr is L and R, name@quad UL, UR, DL, DR, name@side the side of
/// `channel` (null: an output, which has none).
std::vector<std::size_t> findCurves(const TargetProfile& profile, const TableName& curve, const std::string* channel,
                                    Mistake& mistake);

/// Exchanges the two tokens of every pair wherever they stand, from left to right, compared without case.
class TokenSwap
{
public:
    explicit TokenSwap(const std::vector<TokenPair>& pairs);
    std::string operator()(const std::string& text) const;

private:
    struct Partner
    {
        std::size_t order;
        std::string text;
    };
    std::unordered_map<std::string, Partner> partners_; ///< By folded token.
    std::vector<std::size_t> lengths_;                  ///< Of the tokens, each once.
};

} // namespace a2fbridge
