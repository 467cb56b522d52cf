// From bytes to characters and from words to values: the lexical half of the YAML subset (docs/mapping.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "Yaml.h"

namespace a2fbridge
{

/// Returns the lines of a document; every check here runs over the whole file before anything is parsed.
std::vector<std::u32string> decodeLines(std::string_view bytes, const std::string* path, Mistake& mistake);

/// Gives a node the value of an unquoted word by YAML 1.2's core schema, decimal numbers only.
void resolvePlain(const std::string& word, YamlNode& node, Mistake& mistake);

/// Returns the text of a double-quoted scalar: \\ \" \/ \n \t \uXXXX and nothing else.
std::string unescape(std::u32string_view body, const Place& place, Mistake& mistake);

} // namespace a2fbridge
