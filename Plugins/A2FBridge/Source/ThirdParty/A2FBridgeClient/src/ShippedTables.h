// The mapping tables and target profiles that are built into the library (generated from mappings/ by CMake).
#pragma once

#include <cstddef>
#include <string_view>

namespace a2fbridge::client
{

struct ShippedDocument
{
    std::string_view path; ///< Within mappings/: "metahuman/mh4.yaml", "profiles/arkit_52.yaml".
    std::string_view text;

    bool isProfile() const { return path.substr(0, 9) == "profiles/"; }
    /// "mh4"
    std::string_view name() const
    {
        const std::string_view file = path.substr(path.rfind('/') + 1);
        return file.substr(0, file.rfind('.'));
    }
};

extern const ShippedDocument kShippedDocuments[];
extern const std::size_t kShippedDocumentCount;

} // namespace a2fbridge::client
