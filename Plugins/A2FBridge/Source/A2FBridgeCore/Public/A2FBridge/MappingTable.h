// Mapping tables: blend-shape weights in, curves of a rig out. The language is defined in docs/mapping.md and held to
// tests/vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "A2FBridge/Convention.h"
#include "A2FBridge/Export.h"
#include "A2FBridge/Result.h"
#include "A2FBridge/Span.h"

namespace a2fbridge
{

/// A text and where it came from.
struct TableText
{
    std::string path;     ///< For errors, and to tell files apart: the same file always has the same path.
    std::string text;     ///< UTF-8, at most 1 MiB.
    bool shipped = false; ///< A table that ships with the product: what it extends lies in its own folder.
};

/// Finds base tables and target profiles; given by the caller, because a game keeps them in assets and a tool in files.
/// Called only within MappingTable::parse, on its thread.
class A2FBRIDGECORE_API ITableLoader
{
public:
    virtual ~ITableLoader();
    /// Returns the table that `extends: name` means in the table `fromPath`. `rootPath` is the table that was asked for
    /// (or the last shipped one of the chain): files must lie in its folder. Both are empty when the caller itself asks
    /// for a table by name or path. Errors: NotFound (becomes unknown_table), InvalidArgument (outside of where it may
    /// look; becomes extends).
    virtual Result<TableText> table(std::string_view name, std::string_view fromPath, std::string_view rootPath) = 0;
    /// Returns the target profile of that name (a file of mappings/profiles). Error: NotFound.
    virtual Result<TableText> profile(std::string_view name) = 0;
    /// Names of shipped tables and of profiles, for "did you mean".
    virtual std::vector<std::string> tableNames() const = 0;
    virtual std::vector<std::string> profileNames() const = 0;
};

/// The loader for a folder laid out like `mappings/` of the project: `*/NAME.yaml` tables, `profiles/NAME.yaml`
/// profiles. A table that is a file may also extend files in its own folder. Bounded: files over 1 MiB are refused.
A2FBRIDGECORE_API std::unique_ptr<ITableLoader> makeFolderLoader(const std::string& mappingsFolder);

/// Something that is allowed but probably not meant.
struct TableWarning
{
    std::string code; ///< "unmapped_source".
    std::string message;
    std::string path;
    std::int32_t line = 0;
    std::int32_t column = 0;
};

struct TableOptions
{
    std::string path;               ///< Name of the text in errors, and what `extends` is relative to; may be empty.
    ITableLoader* loader = nullptr; ///< Null: no `extends`, no profile but custom.
    std::vector<std::pair<std::string, double>>
        params; ///< Values for the table's params. Unknown or not finite: InvalidArgument.
};

struct TableProgram; // private

class MappingPlan;

/// A compiled table. Immutable; any thread.
class A2FBRIDGECORE_API MappingTable : public std::enable_shared_from_this<MappingTable>
{
public:
    /// Compiles a table. Error: InvalidData with reason (error code of docs/mapping.md), path, line and column.
    static Result<std::shared_ptr<const MappingTable>> parse(std::string_view text, const TableOptions& options = {});
    /// Reads and compiles the shipped table of that name, or the file of that path. Errors as parse, and NotFound.
    static Result<std::shared_ptr<const MappingTable>> load(const std::string& nameOrPath, ITableLoader& loader,
                                                            std::vector<std::pair<std::string, double>> params = {});
    ~MappingTable();
    MappingTable(const MappingTable&) = delete;
    MappingTable& operator=(const MappingTable&) = delete;

    const std::string& name() const;
    /// What the incoming weights must mean.
    Convention convention() const;
    const std::string& description() const;
    const std::vector<std::string>& provenance() const;
    /// Tunable numbers and the values in force.
    const std::vector<std::pair<std::string, double>>& params() const;
    /// Blend shapes that the table knows.
    const std::vector<std::string>& sources() const;
    /// Output names with prefix, in the order of the target profile.
    const std::vector<std::string>& targets() const;
    /// The same without prefix.
    const std::vector<std::string>& curves() const;
    const std::vector<TableWarning>& warnings() const;

    /// Prepares the table for frames whose columns are `names` (compared without case; names that it does not know are
    /// ignored). Error: InvalidArgument when a name stands twice.
    Result<std::shared_ptr<const MappingPlan>> bind(Span<std::string> names) const;

private:
    friend class MappingPlan;
    MappingTable();
    std::unique_ptr<TableProgram> program_;
};

/// A table bound to the columns of a stream: flat arrays, no names. Immutable; any thread, each with its own scratch.
class A2FBRIDGECORE_API MappingPlan
{
public:
    ~MappingPlan();
    MappingPlan(const MappingPlan&) = delete;
    MappingPlan& operator=(const MappingPlan&) = delete;

    /// Maps one frame: `weights` has inputCount() values, `out` outputCount(), `scratch` scratchSize(). float64 inside;
    /// weights that are not finite count as 0; results are finite. Never fails, never allocates.
    void apply(const float* weights, float* out, double* scratch) const;

    std::size_t inputCount() const;
    std::size_t outputCount() const;
    std::size_t scratchSize() const;
    const MappingTable& table() const;
    /// Sources of the table that the columns lack, in the order of sources().
    const std::vector<std::string>& missing() const;

private:
    friend class MappingTable;
    struct Flat;
    MappingPlan();
    std::unique_ptr<Flat> flat_;
    std::shared_ptr<const MappingTable> table_;
};

} // namespace a2fbridge
