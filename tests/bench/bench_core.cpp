// What the core costs, in CPU time of the calling thread and beside it in wall time. Asserts nothing.
//
//     cd tests/native && cmake --preset dev && cmake --build --preset dev --target bench_core
//     build/native/dev/core/bench_core
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "A2FBridge/MappingTable.h"
#include "A2FBridge/Names.h"
#include "A2FBridge/Player.h"
#include "A2FBridge/Recording.h"
#include "A2FBridge/Sources.h"

using namespace a2fbridge;

namespace
{

double now(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

struct Times
{
    std::vector<double> cpu;
    std::vector<double> wall;
};

double quantile(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// Times each call alone; what reading the clocks costs is in the figures and shown as a case of its own.
template <class Call>
void measure(const char* name, int count, Call call)
{
    Times times;
    for (int i = 0; i < count / 10; ++i)
    {
        call(i);
    }
    for (int i = 0; i < count; ++i)
    {
        const double wall = now(CLOCK_MONOTONIC);
        const double cpu = now(CLOCK_THREAD_CPUTIME_ID);
        call(i);
        times.cpu.push_back(now(CLOCK_THREAD_CPUTIME_ID) - cpu);
        times.wall.push_back(now(CLOCK_MONOTONIC) - wall);
    }
    std::printf("%-34s cpu p50 %8.2f  p99.9 %8.2f us    wall p50 %8.2f  p99.9 %8.2f us\n", name,
                quantile(times.cpu, 0.5), quantile(times.cpu, 0.999), quantile(times.wall, 0.5),
                quantile(times.wall, 0.999));
}

std::vector<float> frameAt(int i)
{
    std::vector<float> weights(kFaceCount);
    for (std::size_t k = 0; k < kFaceCount; ++k)
    {
        weights[k] = static_cast<float>(0.5 + 0.5 * std::sin(0.1 * i + static_cast<double>(k)));
    }
    return weights;
}

StreamFormat faceFormat()
{
    StreamFormat format;
    format.names.assign(faceNames().begin(), faceNames().end());
    format.frameRate = {60, 1};
    return format;
}

void mapping(const MappingTable& table, const std::vector<std::vector<float>>& frames)
{
    const auto plan = table.bind(faceFormat().names).value();
    std::vector<float> out(plan->outputCount());
    std::vector<double> scratch(plan->scratchSize());
    const std::string name = "map one frame, " + table.name();
    measure(name.c_str(), 100000,
            [&](int i)
            { plan->apply(frames[static_cast<std::size_t>(i) % frames.size()].data(), out.data(), scratch.data()); });
}

void player(const std::shared_ptr<const MappingTable>& table, const std::vector<std::vector<float>>& frames)
{
    Player player;
    if (!player.setTable(table).ok() || !player.begin(faceFormat()).ok())
    {
        return;
    }
    std::int64_t next = 0;
    const auto push = [&](int)
    {
        FrameView frame;
        frame.sampleIndex = next * 16000 / 60;
        frame.weights = frames[static_cast<std::size_t>(next) % frames.size()];
        ++next;
        static_cast<void>(player.push(frame));
    };
    for (int i = 0; i < 60; ++i)
    {
        push(i);
    }
    double wall = 0.0;
    const auto evaluate = [&](int)
    {
        wall += 1.0 / 60.0;
        player.evaluate({wall, {}});
    };
    measure("player: push and evaluate, mh4", 100000,
            [&](int i)
            {
                push(i);
                evaluate(i);
            });
    const PlayerStats stats = player.stats();
    std::printf("%34s %llu frames pushed, %llu underruns\n", "", static_cast<unsigned long long>(stats.framesPushed),
                static_cast<unsigned long long>(stats.underruns));
}

void recording(const std::vector<std::vector<float>>& frames)
{
    MemorySink sink;
    auto writer = RecordingWriter::create(sink, faceFormat()).value().release();
    std::int64_t next = 0;
    measure("recording: write a frame", 20000,
            [&](int i)
            {
                FrameView frame;
                frame.sampleIndex = next++;
                frame.weights = frames[static_cast<std::size_t>(i) % frames.size()];
                static_cast<void>(writer->writeFrame(frame));
            });
    delete writer;
    const std::vector<std::uint8_t> bytes = sink.bytes();
    measure("recording: read 22000 frames", 20, [&](int) { static_cast<void>(Recording::read(bytes).ok()); });
}

} // namespace

int main()
{
    std::vector<std::vector<float>> frames;
    for (int i = 0; i < 1000; ++i)
    {
        frames.push_back(frameAt(i));
    }
    const auto loader = makeFolderLoader(std::string(A2FBRIDGE_ROOT) + "/mappings");
    measure("(reading the clocks)", 100000, [](int) {});
    std::shared_ptr<const MappingTable> mh4;
    for (const char* name : {"mh4", "mh3", "arkit", "cc4", "vrm"})
    {
        const auto table = MappingTable::load(name, *loader);
        if (table)
        {
            mh4 = mh4 ? mh4 : table.value();
            mapping(*table.value(), frames);
        }
    }
    player(mh4, frames);
    recording(frames);
    measure("table: read and compile mh4", 50,
            [&](int) { static_cast<void>(MappingTable::load("mh4", *loader).ok()); });
    return 0;
}
