// What the client costs (run by tests/bench/bench_client.py): thread CPU time, wall time beside it.
//
//     client_bench poll              session_poll, player_evaluate and table_map, each call on its own
//     client_bench streams N SECONDS N live sessions at 60 fps in one process, sound pushed every 33 ms
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "Support.h"

namespace
{

thread_local bool counting = false;
thread_local long allocations = 0;

double seconds(clockid_t clock)
{
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// One call's cost, again and again.
class Samples
{
public:
    explicit Samples(const char* name) : name_(name) {}

    template <class Call>
    void take(Call&& call)
    {
        counting = true;
        const double wall = seconds(CLOCK_MONOTONIC);
        const double cpu = seconds(CLOCK_THREAD_CPUTIME_ID);
        call();
        const double cpuEnd = seconds(CLOCK_THREAD_CPUTIME_ID);
        const double wallEnd = seconds(CLOCK_MONOTONIC);
        counting = false;
        allocated_ += std::exchange(allocations, 0);
        cpu_.push_back(cpuEnd - cpu);
        wall_.push_back(wallEnd - wall);
    }
    void print()
    {
        std::printf(
            "{\"call\": \"%s\", \"calls\": %zu, \"cpu_p50_us\": %.3f, \"cpu_p999_us\": %.3f, \"wall_p50_us\": %.3f, "
            "\"wall_p999_us\": %.3f, \"allocations\": %ld}\n",
            name_, cpu_.size(), at(cpu_, 0.5), at(cpu_, 0.999), at(wall_, 0.5), at(wall_, 0.999), allocated_);
    }

private:
    const char* name_;
    long allocated_ = 0;
    std::vector<double> cpu_, wall_;

    static double at(std::vector<double>& values, double share)
    {
        std::sort(values.begin(), values.end());
        return values[std::min(values.size() - 1,
                               static_cast<std::size_t>(share * static_cast<double>(values.size())))] *
               1e6;
    }
};

std::vector<std::int16_t> hum(std::size_t frames)
{
    std::vector<std::int16_t> sound(frames);
    for (std::size_t i = 0; i < frames; ++i)
    {
        sound[i] = static_cast<std::int16_t>((i * 37) % 2000);
    }
    return sound;
}

a2fb_audio block(const std::vector<std::int16_t>& sound, std::size_t from, std::size_t count)
{
    auto audio = a2fb::make<a2fb_audio>();
    audio.format = A2FB_S16;
    audio.data = sound.data() + from;
    audio.frames = count;
    return audio;
}

} // namespace

void* operator new(std::size_t size)
{
    if (counting)
    {
        ++allocations;
    }
    void* const memory = std::malloc(size);
    if (memory == nullptr)
    {
        throw std::bad_alloc();
    }
    return memory;
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

using namespace a2fbridge::test;

static void benchPoll()
{
    Link link(Link::Pairs{{"mock-frame-rate", "60/1"}});
    auto options = a2fb::make<a2fb_session_options>();
    options.frame_queue = 20000;
    options.audio_queue_ms = 300000;
    const a2fb::Session session = link.open(options);
    pushSilence(session, 250.0);
    session.end(link.error);
    float weights[128];
    auto frame = a2fb::make<a2fb_frame>();
    frame.weights = weights;
    frame.weight_capacity = 128;
    Samples poll("session_poll");
    Samples map("table_map mh4");
    Samples evaluate("player_evaluate mh4");
    Samples push("player_push");
    const a2fb::Table table = library().shippedTable("mh4", link.error);
    std::vector<float> curves(table.info().target_count);
    const a2fb::Player player = library().player(a2fb::make<a2fb_player_options>(), link.error);
    player.api().player_set_table(player.raw(), table.raw(), link.error.out());
    std::vector<a2fb_str> names;
    session.wait(kPatience);
    const std::vector<std::string> texts = session.names();
    for (const std::string& text : texts)
    {
        names.push_back(a2fb::str(text));
    }
    const auto format = a2fb::with<a2fb_format>(
        [&](a2fb_format& to)
        {
            to.names = names.data();
            to.name_count = names.size();
            to.frame_rate_numerator = 60;
            to.frame_rate_denominator = 1;
        });
    player.api().player_begin(player.raw(), &format, link.error.out());
    auto pose = a2fb::make<a2fb_pose>();
    std::vector<float> values(512);
    a2fb_status status = A2FB_NOTHING;
    double wall = 0.0;
    while (status != A2FB_END && status >= 0)
    {
        const bool there = session.wait(1000) == A2FB_OK;
        poll.take([&] { status = session.poll(frame, link.error); });
        if (!there || status != A2FB_OK)
        {
            continue;
        }
        map.take([&] { table.map(weights, 68, curves); });
        push.take([&] { player.api().player_push(player.raw(), &frame, nullptr); });
        wall += 1.0 / 60.0;
        evaluate.take(
            [&]
            {
                player.api().player_evaluate(player.raw(), wall, static_cast<double>(frame.sample_index) - 3000.0,
                                             values.data(), values.size(), &pose);
            });
    }
    for (Samples* samples : {&poll, &map, &push, &evaluate})
    {
        samples->print();
    }
}

static void benchStreams(int count, double length)
{
    const std::vector<std::int16_t> sound = hum(static_cast<std::size_t>(16000 * (length + 1)));
    const std::string server =
        std::getenv("A2FBRIDGE_BENCH_TARGET") != nullptr ? std::getenv("A2FBRIDGE_BENCH_TARGET") : "";
    Link link(Link::Pairs{{"mock-frame-rate", "60/1"}}, server.empty() ? mock().target() : server);
    std::vector<a2fb::Session> sessions;
    for (int i = 0; i < count; ++i)
    {
        sessions.push_back(link.open());
    }
    float weights[128];
    auto frame = a2fb::make<a2fb_frame>();
    frame.weights = weights;
    frame.weight_capacity = 128;
    std::vector<double> late;
    std::size_t frames = 0;
    std::size_t failed = 0;
    std::vector<bool> over(sessions.size());
    const double started = seconds(CLOCK_MONOTONIC);
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    const double mine = seconds(CLOCK_THREAD_CPUTIME_ID);
    std::size_t pushed = 0;
    const auto total = static_cast<std::size_t>(16000 * length);
    for (std::size_t done = 0; done < sessions.size();)
    {
        const double now = seconds(CLOCK_MONOTONIC) - started;
        const auto due = std::min(total, static_cast<std::size_t>(now * 16000) / 533 * 533);
        for (std::size_t i = 0; i < sessions.size(); ++i)
        {
            a2fb_status status = A2FB_OK;
            if (due > pushed)
            {
                sessions[i].push(block(sound, pushed, due - pushed), status, link.error);
            }
            if (due == total && pushed < total)
            {
                sessions[i].end(link.error);
            }
            while (!over[i] && (status = sessions[i].poll(frame, link.error)) != A2FB_NOTHING)
            {
                if (status == A2FB_OK)
                {
                    ++frames;
                    late.push_back(seconds(CLOCK_MONOTONIC) - started - frame.time_code);
                    continue;
                }
                over[i] = true;
                ++done;
                failed += status == A2FB_END ? 0 : 1;
            }
        }
        pushed = due;
        std::this_thread::sleep_for(std::chrono::milliseconds(4));
    }
    const double wall = seconds(CLOCK_MONOTONIC) - started;
    const double all = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    const double tick = seconds(CLOCK_THREAD_CPUTIME_ID) - mine;
    std::sort(late.begin(), late.end());
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("{\"sessions\": %d, \"seconds\": %.2f, \"frames\": %zu, \"failed\": %zu, \"process_cpu_s\": %.3f, "
                "\"tick_cpu_s\": %.3f, \"behind_p50_ms\": %.1f, \"behind_p99_ms\": %.1f, \"max_rss_mb\": %.1f, "
                "\"server_inside\": %s}\n",
                count, wall, frames, failed, all, tick, late[late.size() / 2] * 1e3, late[late.size() * 99 / 100] * 1e3,
                static_cast<double>(usage.ru_maxrss) / 1024.0, server.empty() ? "true" : "false");
}

static void serve()
{
    std::printf("%s\n", mock().target().c_str());
    std::fflush(stdout);
    std::getchar(); // until the other end closes
}

int main(int argc, char** argv)
{
    doctest::Context context; // what the tests' support checks with
    context.setAsDefaultForAssertsOutOfTestCases();
    context.setAssertHandler(
        [](const doctest::AssertData& check)
        {
            if (check.m_failed)
            {
                std::fprintf(stderr, "%s:%d: %s\n", check.m_file, check.m_line, check.m_expr);
                std::exit(1);
            }
        });
    if (argc == 2 && std::strcmp(argv[1], "poll") == 0)
    {
        benchPoll();
    }
    else if (argc == 2 && std::strcmp(argv[1], "serve") == 0)
    {
        serve();
    }
    else if (argc == 4 && std::strcmp(argv[1], "streams") == 0)
    {
        benchStreams(std::atoi(argv[2]), std::atof(argv[3]));
    }
    else
    {
        std::printf("client_bench poll | serve | streams N SECONDS\n");
        return 2;
    }
    return 0;
}
