#include "A2FBridge/MappingTable.h"

#include <cmath>

#include "A2FBridge/Names.h"
#include "MappingProgram.h"
#include "TableChain.h"
#include "TableCompiler.h"
#include "Text.h"

namespace a2fbridge
{
namespace
{

/// The table's parameters with the caller's values laid over them.
Result<ParamValues> valuesOf(const TableDocument& document,
                             const std::vector<std::pair<std::string, double>>& overrides)
{
    ParamValues values;
    std::vector<std::string> names;
    for (const auto& [name, value] : document.params)
    {
        values[foldName(name)] = value;
        names.push_back(name);
    }
    for (const auto& [name, value] : overrides)
    {
        const auto found = values.find(foldName(name));
        if (found == values.end())
        {
            return makeError(ErrorCode::InvalidArgument,
                             "the table has no parameter '" + name + "'" + didYouMean(name, names), "unknown_param");
        }
        if (!std::isfinite(value))
        {
            return makeError(ErrorCode::InvalidArgument,
                             "parameter '" + name + "' is " + shortNumber(value) + "; right is a finite number",
                             "value");
        }
        found->second = value;
    }
    return values;
}

} // namespace

MappingTable::MappingTable() : program_(std::make_unique<TableProgram>()) {}
MappingTable::~MappingTable() = default;

Result<std::shared_ptr<const MappingTable>> MappingTable::parse(std::string_view text, const TableOptions& options)
{
    Mistake mistake;
    TableChain chain(options.loader, mistake);
    const TableDocument document = chain.read(text, options.path, options.path);
    if (mistake.made())
    {
        return mistake.error();
    }
    const Result<ParamValues> values = valuesOf(document, options.params);
    if (!values)
    {
        return values.error();
    }
    const std::shared_ptr<MappingTable> table(new MappingTable);
    *table->program_ = compileTable(document, values.value(), options.loader, mistake);
    if (mistake.made())
    {
        return mistake.error();
    }
    return std::shared_ptr<const MappingTable>(table);
}

Result<std::shared_ptr<const MappingTable>> MappingTable::load(const std::string& nameOrPath, ITableLoader& loader,
                                                               std::vector<std::pair<std::string, double>> params)
{
    const Result<TableText> text = loader.table(nameOrPath, {}, {});
    if (!text)
    {
        if (text.error().code != ErrorCode::NotFound)
        {
            return text.error();
        }
        return makeError(ErrorCode::NotFound,
                         "no table or file '" + nameOrPath + "'" + didYouMean(nameOrPath, loader.tableNames()),
                         "unknown_table");
    }
    TableOptions options;
    options.path = text.value().path;
    options.loader = &loader;
    options.params = std::move(params);
    return parse(text.value().text, options);
}

const std::string& MappingTable::name() const
{
    return program_->name;
}

Convention MappingTable::convention() const
{
    return program_->convention;
}

const std::string& MappingTable::description() const
{
    return program_->description;
}

const std::vector<std::string>& MappingTable::provenance() const
{
    return program_->provenance;
}

const std::vector<std::pair<std::string, double>>& MappingTable::params() const
{
    return program_->params;
}

const std::vector<std::string>& MappingTable::sources() const
{
    return program_->sources;
}

const std::vector<std::string>& MappingTable::targets() const
{
    return program_->targets;
}

const std::vector<std::string>& MappingTable::curves() const
{
    return program_->curves;
}

const std::vector<TableWarning>& MappingTable::warnings() const
{
    return program_->warnings;
}

} // namespace a2fbridge
