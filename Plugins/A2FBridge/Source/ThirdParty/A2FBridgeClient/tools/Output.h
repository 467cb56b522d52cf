// Frames on their way into files: convention, mapping, CSV and recorded sessions.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "Arguments.h"
#include "a2fbridge/a2fbridge.hpp"

namespace a2fb::tool
{

/// What a stream of frames is, as its source says.
struct Stream
{
    std::vector<std::string> names;
    std::uint32_t convention = A2FB_CONVENTION_A2F;
    std::uint32_t rateNumerator = 30, rateDenominator = 1;
    std::uint32_t sampleRate = 16000;
    std::string sourceJson = "{}", settingsJson = "{}";
};

/// A file that is written.
class Sink
{
public:
    virtual ~Sink() = default;
    virtual void open(const Stream& stream) = 0;
    virtual void frame(const a2fb_frame& frame) = 0;
    virtual void audio(std::int64_t sampleIndex, const std::int16_t* samples, std::size_t count) = 0;
    virtual void finish() = 0;
};

/// By the ending of the path: .csv, .a2frec. Throws Problem.
std::unique_ptr<Sink> makeSink(const Library& library, const std::string& path);

/// Converts, maps and writes into every output.
class Outputs
{
public:
    /// Reads the mapping table; throws Problem.
    Outputs(const Library& library, const Arguments& arguments);

    /// Throws Problem when the table takes another convention that weights cannot be converted to.
    void open(Stream stream);
    /// `frame.weights` may be changed.
    void frame(a2fb_frame& frame);
    void audio(std::int64_t sampleIndex, const std::int16_t* samples, std::size_t count);
    void finish();
    std::size_t curves() const { return table_ ? mapped_.size() : names_.size(); }

private:
    Library library_;
    Table table_;
    std::string wanted_; ///< Convention asked for, or empty.
    std::vector<std::unique_ptr<Sink>> sinks_;
    std::vector<std::string> names_;
    std::vector<a2fb_str> columns_;
    std::uint32_t from_ = A2FB_CONVENTION_A2F, to_ = A2FB_CONVENTION_A2F;
    std::vector<float> mapped_;
};

} // namespace a2fb::tool
