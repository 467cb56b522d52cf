#include "Arguments.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

namespace a2fb::tool
{

namespace
{

double number(const std::string& text, const std::string& what)
{
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(value))
    {
        throw Problem(what + " '" + text + "' is no number", 2);
    }
    return value;
}

std::pair<std::string, std::string> split(const std::string& text, const std::string& what, const char* example)
{
    const std::size_t at = text.find('=');
    if (at == std::string::npos || at == 0)
    {
        throw Problem(what + " '" + text + "' is not NAME=VALUE, such as " + example, 2);
    }
    return {text.substr(0, at), text.substr(at + 1)};
}

using Setter = std::function<void(Arguments&, const std::string&)>;

struct Option
{
    bool takesValue;
    Setter set;
};

Option flag(bool Arguments::*member)
{
    return {false, [member](Arguments& to, const std::string&) { to.*member = true; }};
}

Option word(std::string Arguments::*member)
{
    return {true, [member](Arguments& to, const std::string& value) { to.*member = value; }};
}

Option seconds(double Arguments::*member, const char* name)
{
    return {true, [member, name](Arguments& to, const std::string& value)
            {
                to.*member = number(value, name);
                if (to.*member <= 0.0)
                {
                    throw Problem(std::string(name) + " is " + value + "; right is above 0 seconds", 2);
                }
            }};
}

Option numbers(Numbers Arguments::*member, const char* name, const char* example)
{
    return {true, [member, name, example](Arguments& to, const std::string& value)
            {
                const auto [key, text] = split(value, name, example);
                (to.*member).emplace_back(key, number(text, name));
            }};
}

const std::map<std::string, Option>& options()
{
    static const std::map<std::string, Option> all = {
        {"--help", flag(&Arguments::help)},
        {"-h", flag(&Arguments::help)},
        {"--version", flag(&Arguments::version)},
        {"--json", flag(&Arguments::json)},
        {"--quiet", flag(&Arguments::quiet)},
        {"--recording", word(&Arguments::recording)},
        {"-o", {true, [](Arguments& to, const std::string& value) { to.outputs.push_back(value); }}},
        {"--output", {true, [](Arguments& to, const std::string& value) { to.outputs.push_back(value); }}},
        {"--mapping", word(&Arguments::mapping)},
        {"--convention", word(&Arguments::convention)},
        {"--paced", flag(&Arguments::paced)},
        {"--health", flag(&Arguments::health)},
        {"--server", word(&Arguments::server)},
        {"--wait", flag(&Arguments::wait)},
        {"--tls", flag(&Arguments::tls)},
        {"--tls-ca", word(&Arguments::tlsCa)},
        {"--tls-cert", word(&Arguments::tlsCert)},
        {"--tls-key", word(&Arguments::tlsKey)},
        {"--tls-name", word(&Arguments::serverName)},
        {"--token-file", word(&Arguments::tokenFile)},
        {"--metadata",
         {true, [](Arguments& to, const std::string& value)
          { to.metadata.push_back(split(value, "--metadata", "function-id=...")); }}},
        {"--connect-timeout", seconds(&Arguments::connectTimeout, "--connect-timeout")},
        {"--idle-timeout", seconds(&Arguments::idleTimeout, "--idle-timeout")},
        {"--timeout", seconds(&Arguments::timeout, "--timeout")},
        {"--fps", word(&Arguments::fps)},
        {"--pack", word(&Arguments::pack)},
        {"--identity", word(&Arguments::identity)},
        {"--solver", word(&Arguments::solver)},
        {"--emotion", numbers(&Arguments::emotions, "--emotion", "joy=0.7")},
        {"--param", numbers(&Arguments::parameters, "--param", "skinStrength=1.1")},
        {"--gain", numbers(&Arguments::gains, "--gain", "JawOpen=1.2")},
        {"--offset", numbers(&Arguments::offsets, "--offset", "JawOpen=0.05")},
        {"--clamp", flag(&Arguments::clamp)},
    };
    return all;
}

void check(const Arguments& given)
{
    if (given.help || given.version)
    {
        return;
    }
    const int sources = (given.wav.empty() ? 0 : 1) + (given.recording.empty() ? 0 : 1) + (given.health ? 1 : 0);
    if (sources != 1)
    {
        throw Problem("give one of: a WAV file, --recording FILE, --health (a2fb --help)", 2);
    }
    if (given.recording.empty() == given.server.empty())
    {
        throw Problem(given.server.empty() ? "--server HOST:PORT is missing" : "a recording needs no --server", 2);
    }
    if (!given.convention.empty() && given.convention != "a2f" && given.convention != "arkit")
    {
        throw Problem("--convention '" + given.convention + "' is neither a2f nor arkit", 2);
    }
    if (given.health == given.outputs.empty())
    {
        return;
    }
    throw Problem(given.health ? "--health writes no file" : "say with -o what to write: OUT.csv or OUT.a2frec", 2);
}

} // namespace

Arguments parse(const std::vector<std::string>& words)
{
    Arguments out;
    for (std::size_t i = 0; i < words.size(); ++i)
    {
        const std::string& name = words[i];
        if (name.size() < 2 || name[0] != '-')
        {
            if (!out.wav.empty())
            {
                throw Problem("'" + name + "' is a second input; one is taken at a time", 2);
            }
            out.wav = name;
            continue;
        }
        const auto found = options().find(name);
        if (found == options().end())
        {
            throw Problem("unknown option '" + name + "' (a2fb --help)", 2);
        }
        if (found->second.takesValue && ++i == words.size())
        {
            throw Problem(name + " needs a value", 2);
        }
        found->second.set(out, words[i]);
    }
    check(out);
    return out;
}

std::pair<std::uint32_t, std::uint32_t> frameRate(const std::string& text)
{
    const std::size_t slash = text.find('/');
    const double over = number(text.substr(0, slash), "--fps");
    const double under = slash == std::string::npos ? 1.0 : number(text.substr(slash + 1), "--fps");
    const double scale = over == std::floor(over) ? 1.0 : 1000.0;
    const double numerator = std::round(over * scale);
    if (!(numerator >= 1.0 && numerator < 4e9 && under >= 1.0 && under * scale < 4e9 && under == std::floor(under)))
    {
        throw Problem("--fps '" + text + "' is not a rate such as 30, 59.94 or 30000/1001", 2);
    }
    return {static_cast<std::uint32_t>(numerator), static_cast<std::uint32_t>(under * scale)};
}

std::string readFile(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    if (!file || !(content << file.rdbuf()))
    {
        throw Problem(path + ": cannot be read, or is empty");
    }
    return content.str();
}

const char* usage()
{
    return R"(a2fb: speech in, facial animation out, through an A2FBridge server or an Audio2Face-3D NIM

    a2fb IN.wav --server HOST:PORT -o OUT.csv [-o OUT.a2frec]
    a2fb --recording IN.a2frec -o OUT.csv
    a2fb --health --server HOST:PORT

  -o, --output OUT      .csv: frame,time_code,<names>, one row a frame; .a2frec: a recorded session; may be repeated
  --mapping TABLE       map to a rig: mh4, mh3, arkit, cc4, vrm, vrm_perfect_sync, or a YAML file
  --convention C        what MouthClose means in OUT: a2f (NVIDIA's, default) or arkit (Apple's)
  --paced               send the sound as fast as it plays, as a microphone would; else as fast as it is taken
  --json, --quiet       the figures as one line of JSON; no figures

server
  --tls                 encrypt; trust the system's certificate authorities
  --tls-ca PEM          encrypt; trust this certificate authority
  --tls-cert, --tls-key PEM   client certificate and its key, for servers that ask for one
  --tls-name NAME       name to expect in the server's certificate, where it is not HOST
  --token-file FILE     bearer token (or environment variable A2FBRIDGE_TOKEN)
  --metadata NAME=VALUE extra request metadata, such as function-id=...; may be repeated
  --wait                wait for a server that is not there yet, up to the connect timeout
  --connect-timeout S   default 5        --idle-timeout S   silence of a server that owes something, default 30
  --timeout S           for the whole clip, default none

face
  --fps RATE            30, 59.94, 30000/1001; not for a plain NIM, which has 30
  --pack, --identity, --solver NAME   not for a plain NIM
  --emotion NAME=VALUE  0 to 1, from the start; may be repeated, as may
  --param NAME=VALUE    face parameter        --gain, --offset SHAPE=VALUE   blend-shape multiplier, offset
  --clamp               clamp weights to 0..1

Exit status: 0 good, 1 an error that was explained, 2 bad usage, 130 interrupted.
)";
}

} // namespace a2fb::tool
