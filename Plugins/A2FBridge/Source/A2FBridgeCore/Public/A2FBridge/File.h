// Whole files in and bytes out, for tools. A game engine reads with its own functions instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "A2FBridge/Export.h"
#include "A2FBridge/Result.h"
#include "A2FBridge/Span.h"

namespace a2fbridge
{

/// Reads a file of at most `maxBytes`. `path` is UTF-8. Errors: NotFound, Io, TooLarge.
A2FBRIDGECORE_API Result<std::vector<std::uint8_t>> readFile(const std::string& path, std::size_t maxBytes);

/// Takes bytes in order. One thread.
class A2FBRIDGECORE_API IByteSink
{
public:
    virtual ~IByteSink();
    /// Appends bytes and hands them on, so that a crash afterwards loses nothing. Error: Io.
    virtual Status write(Span<std::uint8_t> bytes) = 0;
};

/// Returns a sink that writes a new file; an existing one is replaced. Error: Io.
A2FBRIDGECORE_API Result<std::unique_ptr<IByteSink>> makeFileSink(const std::string& path);

/// A sink that keeps everything in memory.
class A2FBRIDGECORE_API MemorySink final : public IByteSink
{
public:
    Status write(Span<std::uint8_t> bytes) override;
    const std::vector<std::uint8_t>& bytes() const { return bytes_; }

private:
    std::vector<std::uint8_t> bytes_;
};

} // namespace a2fbridge
