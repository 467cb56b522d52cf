// Tables and profiles from a folder laid out like the project's mappings/.
#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "A2FBridge/File.h"
#include "A2FBridge/MappingTable.h"
#include "Yaml.h"

namespace a2fbridge
{
namespace
{

namespace fs = std::filesystem;

fs::path toPath(std::string_view utf8)
{
#if defined(__cpp_char8_t)
    return fs::path(std::u8string(utf8.begin(), utf8.end()));
#else
    return fs::u8path(utf8.begin(), utf8.end());
#endif
}

std::string fromPath(const fs::path& path)
{
    const auto text = path.generic_u8string();
    return {text.begin(), text.end()};
}

fs::path resolved(const fs::path& path)
{
    std::error_code failed;
    const fs::path real = fs::weakly_canonical(path, failed);
    return failed ? path.lexically_normal() : real;
}

bool isFile(const fs::path& path)
{
    std::error_code failed;
    return fs::is_regular_file(path, failed);
}

bool liesIn(const fs::path& path, const fs::path& folder)
{
    const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    static_cast<void>(rest);
    return end == folder.end();
}

/// YAML files directly in a folder, by stem.
void collect(const fs::path& folder, std::map<std::string, fs::path>& files)
{
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed))
    {
        if (it->path().extension() == ".yaml")
        {
            files[fromPath(it->path().stem())] = it->path();
        }
    }
}

std::vector<std::string> keysOf(const std::map<std::string, fs::path>& files)
{
    std::vector<std::string> names;
    names.reserve(files.size());
    for (const auto& entry : files)
    {
        names.push_back(entry.first);
    }
    return names;
}

Error notFound(std::string_view name)
{
    return makeError(ErrorCode::NotFound, "'" + std::string(name) + "' is not there");
}

class FolderLoader final : public ITableLoader
{
public:
    explicit FolderLoader(const std::string& folder)
    {
        const fs::path root = toPath(folder);
        collect(root / "profiles", profiles_);
        std::error_code failed;
        for (fs::directory_iterator it(root, failed), end; !failed && it != end; it.increment(failed))
        {
            if (it->path().filename() != "profiles")
            {
                collect(it->path(), tables_);
            }
        }
    }

    Result<TableText> table(std::string_view name, std::string_view from, std::string_view root) override
    {
        const auto shipped = tables_.find(std::string(name));
        if (shipped != tables_.end())
        {
            return text(shipped->second, true);
        }
        if (from.empty() && root.empty())
        {
            return isFile(toPath(name)) ? text(toPath(name), false) : Result<TableText>(notFound(name));
        }
        const fs::path path = resolved(toPath(from).parent_path() / toPath(name));
        if (!liesIn(path, resolved(toPath(root).parent_path().empty() ? fs::path(".") : toPath(root).parent_path())))
        {
            return makeError(ErrorCode::InvalidArgument, "'" + std::string(name) + "' lies outside the table's folder");
        }
        return isFile(path) ? text(path, false) : Result<TableText>(notFound(name));
    }

    Result<TableText> profile(std::string_view name) override
    {
        const auto found = profiles_.find(std::string(name));
        return found != profiles_.end() ? text(found->second, true) : Result<TableText>(notFound(name));
    }

    std::vector<std::string> tableNames() const override { return keysOf(tables_); }
    std::vector<std::string> profileNames() const override { return keysOf(profiles_); }

private:
    static Result<TableText> text(const fs::path& path, bool shipped)
    {
        auto bytes = readFile(fromPath(path), kMaxYamlBytes);
        if (!bytes)
        {
            return bytes.error();
        }
        return TableText{fromPath(resolved(path)), std::string(bytes.value().begin(), bytes.value().end()), shipped};
    }

    std::map<std::string, fs::path> tables_;
    std::map<std::string, fs::path> profiles_;
};

} // namespace

std::unique_ptr<ITableLoader> makeFolderLoader(const std::string& mappingsFolder)
{
    return std::make_unique<FolderLoader>(mappingsFolder);
}

} // namespace a2fbridge
