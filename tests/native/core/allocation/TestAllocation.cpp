// Counts every allocation of the program: after warm-up a frame costs none, on no path.
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "A2FBridge/File.h"
#include "A2FBridge/MappingTable.h"
#include "A2FBridge/Player.h"
#include "A2FBridge/Recording.h"
#include "A2FBridge/Session.h"
#include "A2FBridge/Sources.h"

namespace
{

std::atomic<long> allocations{0};

void* counted(std::size_t size)
{
    ++allocations;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr)
    {
        std::abort();
    }
    return memory;
}

} // namespace

void* operator new(std::size_t size)
{
    return counted(size);
}
void* operator new[](std::size_t size)
{
    return counted(size);
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}

using namespace a2fbridge;

namespace
{

int failures = 0;

void expect(bool right, const char* what, long count = 0)
{
    if (!right)
    {
        ++failures;
        std::printf("FAILED: %s (%ld)\n", what, count);
    }
}

/// Takes bytes and forgets them.
class NullSink final : public IByteSink
{
public:
    Status write(Span<std::uint8_t>) override { return {}; }
};

StreamFormat faceFormat()
{
    StreamFormat format;
    format.names.assign(faceNames().begin(), faceNames().end());
    format.frameRate = {60, 1};
    return format;
}

FrameView frameAt(std::int64_t i, const std::vector<float>& weights)
{
    FrameView frame;
    frame.sampleIndex = i * 16000 / 60;
    frame.timeCode = static_cast<double>(i) / 60.0;
    frame.weights = weights;
    return frame;
}

/// A minute of play with everything that can happen on the way: jitter, underruns, pauses, seeks, a device, bad
/// weights.
void playerAllocatesNothing(const std::shared_ptr<const MappingTable>& table)
{
    PlayerOptions options;
    options.capacitySeconds = 2.0;
    Player player(options);
    expect(player.setTable(table).ok(), "setTable");
    expect(player.begin(faceFormat()).ok(), "begin");
    std::vector<float> weights(kFaceCount, 0.5F);
    for (std::int64_t i = 0; i < 10; ++i)
    {
        expect(player.push(frameAt(i, weights)).ok(), "push");
    }
    player.evaluate({0.0, {}});

    const long before = allocations;
    long frames = 0;
    for (std::int64_t i = 10; i < 3600; ++i)
    {
        const double wall = static_cast<double>(i) / 60.0;
        weights[0] = static_cast<float>(i % 60) / 60.0F;
        weights[1] = i % 7 == 0 ? std::nanf("") : 1e9F;
        const bool late = i % 600 > 500;
        if (!late && player.room() > 0)
        {
            frames += player.push(frameAt(i, weights)).ok() ? 1 : 0;
        }
        Playhead now{wall, {}};
        if (i > 2000)
        {
            now.devicePosition = wall * 16000.0;
        }
        player.evaluate(now);
        if (i % 300 == 0)
        {
            player.pause(wall);
            player.seek(wall, (wall - 0.5) * 16000.0);
            player.resume(wall);
        }
        player.setSpeed(wall, 1.0);
        expect(player.ready() || true, "ready");
    }
    player.finish();
    player.evaluate({61.0, {}});
    expect(allocations == before, "allocations while playing", allocations - before);
    expect(frames > 2000, "frames played", frames);
    const PlayerStats stats = player.stats();
    expect(stats.underruns > 0, "underruns happened");
    expect(stats.weights.notFinite > 0 && stats.weights.outOfRange > 0, "bad weights happened");
}

void recordingAllocatesNothing()
{
    NullSink sink;
    auto writer = RecordingWriter::create(sink, faceFormat());
    const std::vector<float> weights(kFaceCount, 0.5F);
    const std::vector<std::int16_t> sound(267, 1);
    expect(writer.ok(), "writer");
    expect(writer.value()->writeAudio(0, sound).ok() && writer.value()->writeFrame(frameAt(0, weights)).ok(), "write");
    const long before = allocations;
    for (std::int64_t i = 1; i < 1000; ++i)
    {
        expect(writer.value()->writeAudio(i * 267, sound).ok(), "writeAudio");
        expect(writer.value()->writeFrame(frameAt(i, weights)).ok(), "writeFrame");
    }
    expect(allocations == before, "allocations while recording", allocations - before);
}

void sessionAllocatesNothing()
{
    MemorySink sink;
    SessionRecorder recorder(sink);
    recorder.onFormat(faceFormat());
    const std::vector<float> weights(kFaceCount, 0.5F);
    for (std::int64_t i = 0; i < 1200; ++i)
    {
        recorder.onFrame(frameAt(i, weights));
    }
    expect(recorder.close().ok(), "recorder");
    auto recording = Recording::read(sink.bytes());
    Player player;
    Session session(makeReplaySource(recording.value()), player);
    session.pump(1);
    session.pump(1);
    player.evaluate({0.0, {}});
    const long before = allocations;
    for (int i = 1; i < 600; ++i)
    {
        session.pump(4);
        player.evaluate({i / 60.0, {}});
    }
    expect(allocations == before, "allocations while replaying", allocations - before);
}

} // namespace

int main()
{
    const auto loader = makeFolderLoader(std::string(A2FBRIDGE_ROOT) + "/mappings");
    const auto table = MappingTable::load("mh4", *loader);
    expect(table.ok(), "mh4");
    expect(allocations > 0, "the counter counts");
    if (table.ok())
    {
        playerAllocatesNothing(table.value());
    }
    recordingAllocatesNothing();
    sessionAllocatesNothing();
    std::printf(failures == 0 ? "0 allocations per frame\n" : "%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
