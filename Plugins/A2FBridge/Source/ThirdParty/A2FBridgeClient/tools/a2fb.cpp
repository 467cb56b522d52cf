// a2fb: the client library on the command line.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "Arguments.h"
#include "Output.h"
#include "Sources.h"
#include "a2fbridge/a2fbridge.hpp"

namespace
{

int run(const std::vector<std::string>& words)
{
    using namespace a2fb::tool;
    const Arguments arguments = parse(words);
    const a2fb::Library library(*a2fb_get_api(A2FB_ABI_VERSION));
    if (arguments.help || arguments.version)
    {
        std::printf("%s\n", arguments.help ? usage() : std::string(library.version()).c_str());
        return 0;
    }
    if (arguments.health)
    {
        health(library, arguments);
        return 0;
    }
    Outputs outputs(library, arguments);
    if (arguments.recording.empty())
    {
        animate(library, arguments, outputs);
    }
    else
    {
        replay(library, arguments, outputs);
    }
    return 0;
}

} // namespace

int main(int count, char** words)
{
    std::signal(SIGINT, [](int) { a2fb::tool::interrupt(); });
    try
    {
        return run({words + 1, words + count});
    }
    catch (const a2fb::tool::Problem& problem)
    {
        std::fprintf(stderr, "a2fb: error: %s\n", problem.what());
        return problem.exitStatus;
    }
    catch (const std::exception& mistake)
    {
        std::fprintf(stderr, "a2fb: error: %s\n", mistake.what());
        return 1;
    }
}
