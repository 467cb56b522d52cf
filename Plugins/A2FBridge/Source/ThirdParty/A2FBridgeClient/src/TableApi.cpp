#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "A2FBridge/Names.h"
#include "Api.h"
#include "Border.h"
#include "ShippedTables.h"
#include "TableHandle.h"

namespace a2fbridge::client
{

namespace
{

const ShippedDocument* shipped(std::string_view name, bool profile)
{
    const ShippedDocument* const end = kShippedDocuments + kShippedDocumentCount;
    const auto is = [&](const ShippedDocument& document)
    { return document.isProfile() == profile && document.name() == name; };
    const ShippedDocument* const found = std::find_if(kShippedDocuments, end, is);
    return found == end ? nullptr : found;
}

std::vector<std::string> shippedNames(bool profiles)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kShippedDocumentCount; ++i)
    {
        if (kShippedDocuments[i].isProfile() == profiles)
        {
            names.emplace_back(kShippedDocuments[i].name());
        }
    }
    return names;
}

/// Asks the caller first, then looks at what is built in.
class Loader final : public ITableLoader
{
public:
    Loader(a2fb_find_document find, void* context) : find_(find), context_(context) {}

    Result<TableText> table(std::string_view name, std::string_view, std::string_view) override
    {
        return load(name, false);
    }
    Result<TableText> profile(std::string_view name) override { return load(name, true); }
    std::vector<std::string> tableNames() const override { return shippedNames(false); }
    std::vector<std::string> profileNames() const override { return shippedNames(true); }

private:
    a2fb_find_document find_;
    void* context_;

    Result<TableText> load(std::string_view name, bool profile)
    {
        a2fb_str document{};
        const std::uint32_t kind = profile ? A2FB_DOCUMENT_PROFILE : A2FB_DOCUMENT_TABLE;
        if (find_ != nullptr && find_(context_, kind, str(name), &document) == A2FB_OK)
        {
            return TableText{std::string(name), std::string(bytes(document)), false};
        }
        if (const ShippedDocument* const found = shipped(name, profile))
        {
            return TableText{std::string(found->path), std::string(found->text), true};
        }
        return makeError(ErrorCode::NotFound, "there is no " + std::string(name));
    }
};

std::vector<std::pair<std::string, double>> readParams(const a2fb_table_options& options)
{
    require(options.params != nullptr || options.param_count == 0, "params have a count but no data");
    std::vector<std::pair<std::string, double>> out;
    for (std::size_t i = 0; i < options.param_count; ++i)
    {
        out.emplace_back(text(options.params[i].name, "a param"), options.params[i].value);
    }
    return out;
}

void bindTo(a2fb_table& table, const std::vector<std::string>& names)
{
    auto plan = taken(table.it->bind(names));
    table.scratch.resize(plan->scratchSize());
    table.plan = std::move(plan);
}

a2fb_table* compile(std::string_view document, std::string title, const a2fb_table_options* given)
{
    a2fb_table_options options{};
    if (given != nullptr)
    {
        options = read(given);
    }
    Loader loader(options.find, options.find_context);
    TableOptions made;
    made.path = options.title.size > 0 ? text(options.title, "title") : std::move(title);
    made.loader = &loader;
    made.params = readParams(options);
    auto table = std::make_unique<a2fb_table>();
    table->it = taken(MappingTable::parse(document, made));
    for (const TableWarning& warning : table->it->warnings())
    {
        table->warnings.push_back(warning.path + ":" + std::to_string(warning.line) + ":" +
                                  std::to_string(warning.column) + ": " + warning.message);
    }
    bindTo(*table, table->it->sources());
    return table.release();
}

a2fb_status A2FB_CALL open(a2fb_str document, const a2fb_table_options* options, a2fb_table** out, a2fb_error* error)
{
    return opened(out, error, [&] { return compile(bytes(document), "", options); });
}

a2fb_status A2FB_CALL openShipped(a2fb_str name, const a2fb_table_options* options, a2fb_table** out, a2fb_error* error)
{
    return opened(out, error,
                  [&]
                  {
                      const std::string wanted = text(name, "the table's name");
                      const ShippedDocument* const found = shipped(wanted, false);
                      if (found == nullptr)
                      {
                          const std::vector<std::string> known = shippedNames(false);
                          const std::string nearest = nearestName(wanted, known);
                          throw Failure(A2FB_E_ARGUMENT,
                                        "no table '" + wanted + "' ships" +
                                            (nearest.empty() ? "" : " (did you mean '" + nearest + "'?)"));
                      }
                      return compile(found->text, std::string(found->path), options);
                  });
}

void A2FB_CALL close(a2fb_table* table)
{
    delete table;
}

a2fb_status A2FB_CALL info(const a2fb_table* table, a2fb_table_info* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(table != nullptr, "table is NULL");
                       a2fb_table_info filled{};
                       filled.convention = static_cast<std::uint32_t>(table->it->convention());
                       filled.target_count = static_cast<std::uint32_t>(table->plan->outputCount());
                       filled.source_count = static_cast<std::uint32_t>(table->plan->inputCount());
                       filled.warning_count = static_cast<std::uint32_t>(table->warnings.size());
                       write(filled, out);
                   });
}

a2fb_status A2FB_CALL textOf(const a2fb_table* table, std::uint32_t kind, std::size_t index, a2fb_str* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(table != nullptr && out != nullptr, "table or out is NULL");
                       const std::string* found = nullptr;
                       if (kind == A2FB_TEXT_TITLE)
                       {
                           found = &table->it->name();
                       }
                       else if (kind == A2FB_TEXT_NAME || kind == A2FB_TEXT_WARNING)
                       {
                           const auto& list = kind == A2FB_TEXT_NAME ? table->it->targets() : table->warnings;
                           found = index < list.size() ? &list[index] : nullptr;
                       }
                       *out = found != nullptr ? str(*found) : a2fb_str{};
                       return found != nullptr ? A2FB_OK : A2FB_NOTHING;
                   });
}

a2fb_status A2FB_CALL bind(a2fb_table* table, const a2fb_str* names, std::size_t count, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(table != nullptr, "table is NULL");
                       bindTo(*table, texts(names, count, "a name"));
                   });
}

a2fb_status A2FB_CALL map(a2fb_table* table, const float* weights, std::size_t count, float* curves,
                          std::size_t capacity)
{
    if (table == nullptr || weights == nullptr || count != table->plan->inputCount())
    {
        return A2FB_E_ARGUMENT;
    }
    if (curves == nullptr || capacity < table->plan->outputCount())
    {
        return A2FB_E_TOO_SMALL;
    }
    table->plan->apply(weights, curves, table->scratch.data());
    return A2FB_OK;
}

} // namespace

void addTable(a2fb_api& api)
{
    api.table_open = open;
    api.table_open_shipped = openShipped;
    api.table_close = close;
    api.table_info = info;
    api.table_text = textOf;
    api.table_bind = bind;
    api.table_map = map;
}

} // namespace a2fbridge::client
