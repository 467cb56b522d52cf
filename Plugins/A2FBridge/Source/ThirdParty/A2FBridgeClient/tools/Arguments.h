// The command line of a2fb.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace a2fb::tool
{

/// An error that is explained to the user; ends the program with `exitStatus`.
class Problem : public std::runtime_error
{
public:
    explicit Problem(const std::string& text, int exitWith = 1) : std::runtime_error(text), exitStatus(exitWith) {}
    int exitStatus;
};

using Numbers = std::vector<std::pair<std::string, double>>;
using Texts = std::vector<std::pair<std::string, std::string>>;

struct Arguments
{
    bool help = false, version = false, json = false, quiet = false;
    std::string wav, recording;
    std::vector<std::string> outputs;
    std::string mapping, convention;
    bool paced = false, health = false;
    // server
    std::string server, tlsCa, tlsCert, tlsKey, serverName, tokenFile;
    bool tls = false, wait = false;
    Texts metadata;
    double connectTimeout = 0, idleTimeout = 0, timeout = 0;
    // face
    std::string fps, pack, identity, solver;
    Numbers emotions, parameters, gains, offsets;
    bool clamp = false;
};

/// Throws Problem with exit status 2.
Arguments parse(const std::vector<std::string>& words);
const char* usage();

/// "30", "29.97" or "30000/1001" as a fraction. Throws Problem.
std::pair<std::uint32_t, std::uint32_t> frameRate(const std::string& text);
/// The bytes of a file. Throws Problem.
std::string readFile(const std::string& path);

} // namespace a2fb::tool
