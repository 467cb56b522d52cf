// A JSON reader that builds nothing: it walks over a text, checks it, and hands out the values that are asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace a2fbridge
{

/// Whether a text is one well-formed JSON object in UTF-8, at most 512 levels deep.
bool isJsonObject(std::string_view text);

/// Appends a text as a JSON string, quotes included.
void appendJsonString(std::string& out, std::string_view text);

/// A cursor over a JSON text. Once something is wrong, every call returns false.
class JsonCursor
{
public:
    explicit JsonCursor(std::string_view text) : text_(text) {}

    bool failed() const { return failed_; }
    /// The kind of the value here: one of { [ " t f n 0 (a number), or \0.
    char kind();
    bool enterObject();
    /// Goes to the next key; false at the end of the object (or when something is wrong). The value must be read or
    /// skipped before the next call.
    bool nextKey(std::string& key);
    bool enterArray();
    bool nextItem();
    bool readString(std::string& value);
    /// An integer that fits; false for any other number.
    bool readInteger(std::int64_t& value);
    /// Passes over a value; returns its text.
    std::string_view skip();
    /// Whether nothing but white space follows.
    bool atEnd();

private:
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void space();
    bool take(char expected);
    bool fail();
    bool nextOf(char closing);
    bool word(std::string_view expected);
    bool number(bool& integer);
    bool digits();
    bool escape(std::string& value);
    bool hexadecimal(char32_t& code);
    bool value(int depth);

    std::string_view text_;
    std::size_t at_ = 0;
    bool fresh_ = false; ///< A collection was just entered: no comma yet.
    bool failed_ = false;
};

} // namespace a2fbridge
