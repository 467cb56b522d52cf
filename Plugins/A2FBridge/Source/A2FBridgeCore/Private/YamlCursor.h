// The cursor of the YAML reader: lines, line ends, comments, and the scalars that lie within one line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "Yaml.h"

namespace a2fbridge
{

/// A cursor over the lines. Row and column count from 0; a fresh line starts at its indent. After a mistake the cursor
/// stands at the end, so that every loop over it comes to one.
class YamlCursor
{
public:
    YamlCursor(std::vector<std::u32string> lines, const std::string* path, Mistake& mistake);

    bool ended() const { return row_ >= lines_.size(); }
    bool failed() const { return mistake_.made(); }
    std::size_t column() const { return column_; }
    /// One character of the line, or 0 beyond its end.
    char32_t peek(std::size_t ahead = 0) const;
    Place here() const;
    void advance() { ++column_; }
    void fail(const Place& place, const char* reason, std::string message);

    void skipSpaces();
    /// Whether only a comment (if anything) follows; a comment needs a space before it.
    bool atLineEnd() const;
    /// Goes to the first character of the next line that is neither blank nor a comment.
    void nextLine();
    void endLine();
    /// Whether a '-' or ':' of block style stands here, followed by a space or the line's end.
    bool atIndicator(char32_t character) const;
    YamlNode scalar(bool flow);
    /// The character here, for messages.
    std::string shown() const;

private:
    const std::u32string& line() const;
    bool closes(char32_t quote, std::size_t at) const;
    YamlNode quoted(char32_t quote);
    YamlNode plain(bool flow);
    void checkPlainStart(bool flow);
    bool plainEnds(bool flow);

    std::vector<std::u32string> lines_;
    const std::string* path_;
    Mistake& mistake_;
    std::size_t row_ = 0;
    bool started_ = false;
    std::size_t column_ = 0;
};

} // namespace a2fbridge
