// A recorded session from anywhere: refused with an offset, or readable to the last whole record, and writable again.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "A2FBridge/Session.h"
#include "A2FBridge/Sources.h"
#include "Bytes.h"

using namespace a2fbridge;

namespace
{

void mustBe(bool right)
{
    if (!right)
    {
        std::abort();
    }
}

/// Puts right checksums into the records, so that what lies behind them is reached.
void mend(std::vector<std::uint8_t>& file)
{
    std::size_t at = file.size() < 16 ? file.size() : 16 + loadLittle<std::uint32_t>(file.data() + 12);
    while (at < file.size() && file.size() - at >= 12)
    {
        const std::size_t length = loadLittle<std::uint32_t>(file.data() + at + 4);
        if (length > file.size() - at - 12)
        {
            return;
        }
        const std::uint32_t sum = crc32(Span<std::uint8_t>(file).part(at, 8 + length));
        for (unsigned i = 0; i < 4; ++i)
        {
            file[at + 8 + length + i] = static_cast<std::uint8_t>(sum >> (8 * i));
        }
        at += 12 + length;
    }
}

void replay(std::shared_ptr<const Recording> recording)
{
    MemorySink sink;
    SessionRecorder recorder(sink);
    const std::size_t frames = recording->frameCount();
    const auto source = makeReplaySource(std::move(recording));
    while (source->state() < SourceState::Ended)
    {
        source->poll(recorder, 3);
    }
    mustBe(recorder.close().ok());
    const auto again = Recording::read(sink.bytes());
    mustBe(again.ok() && again.value()->frameCount() == frames && again.value()->complete());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::vector<std::uint8_t> file(data, data + size);
    if (size > 0 && (data[size - 1] & 1U) != 0)
    {
        mend(file);
    }
    auto recording = Recording::read(std::move(file));
    if (!recording)
    {
        mustBe(recording.error().offset >= 0);
        return 0;
    }
    recording.value()->wholeAudio();
    replay(recording.value());
    return 0;
}
