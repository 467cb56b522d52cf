// What `a2fbridge serve --json` prints, read line by line. Knows no engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace a2fbridge
{

/// Cuts a process's output into lines as it comes in pieces. Lines are bounded, so that a mad process costs no memory.
class LineReader
{
public:
	/// Adds output and returns the lines that it completed, without line ends.
	std::vector<std::string> add(std::string_view piece);

private:
	std::string rest_;
};

/// Returns the port of the line {"event": "running", ..., "port": N, ...}; nothing for any other line.
std::optional<std::int32_t> runningPort(std::string_view line);

} // namespace a2fbridge
