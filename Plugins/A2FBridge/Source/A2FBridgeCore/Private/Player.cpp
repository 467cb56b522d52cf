#include "A2FBridge/Player.h"

#include <cmath>
#include <mutex>
#include <utility>

#include "PlayerReader.h"
#include "PlayerStream.h"
#include "SharedSlot.h"

namespace a2fbridge
{
namespace
{

/// Values that one jitter buffer may hold: 256 MiB of float32.
constexpr double kMaxValues = 67108864.0;

template <class T>
T clamp(T x, T low, T high)
{
    return x < low ? low : (x > high ? high : x);
}

PlayerOptions inRange(PlayerOptions options)
{
    options.fillSeconds = clamp(options.fillSeconds, 0.0, 10.0);
    options.capacitySeconds = clamp(options.capacitySeconds, 1.0, 3600.0);
    options.historySeconds = clamp(options.historySeconds, 0.0, options.capacitySeconds / 2.0);
    options.holdSeconds = clamp(options.holdSeconds, 0.0, 5.0);
    options.easeSeconds = clamp(options.easeSeconds, 0.01, 5.0);
    options.restSeconds = clamp(options.restSeconds, 0.01, 0.25);
    options.recoverSeconds = clamp(options.recoverSeconds, 0.0, 1.0);
    return options;
}

std::size_t capacityFor(const StreamFormat& format, double seconds)
{
    const double wanted = std::ceil(seconds / format.frameRate.period());
    const double most = kMaxValues / static_cast<double>(format.names.size() + kEmotionCount);
    return static_cast<std::size_t>(clamp(wanted, 8.0, most));
}

} // namespace

const char* playerStateName(PlayerState state)
{
    switch (state)
    {
    case PlayerState::Waiting:
        return "waiting";
    case PlayerState::Filling:
        return "filling";
    case PlayerState::Playing:
        return "playing";
    case PlayerState::Holding:
        return "holding";
    case PlayerState::Easing:
        return "easing";
    case PlayerState::Finishing:
        return "finishing";
    case PlayerState::Finished:
        break;
    }
    return "finished";
}

struct Player::State
{
    explicit State(const PlayerOptions& given) : options(inRange(given)), reader(options, gauges) {}

    Result<std::shared_ptr<PlayerBinding>> makeBinding(const std::shared_ptr<PlayerStream>& forStream,
                                                       const std::shared_ptr<const MappingTable>& forTable);
    BufferRange range() const { return stream ? stream->buffer.range() : BufferRange{}; }

    const PlayerOptions options;
    PlayerGauges gauges;
    SharedSlot<PlayerBinding> slot;

    mutable std::mutex writer; ///< Protects what follows, and the writing side of the slot.
    std::shared_ptr<PlayerStream> stream;
    std::shared_ptr<const MappingTable> table;
    std::optional<WeightGuard> guard;
    std::vector<float> checked;
    std::uint64_t refused = 0;
    std::uint64_t revision = 0;

    PlayerReader reader; ///< The reader's thread only.
};

Result<std::shared_ptr<PlayerBinding>> Player::State::makeBinding(const std::shared_ptr<PlayerStream>& forStream,
                                                                  const std::shared_ptr<const MappingTable>& forTable)
{
    const StreamFormat& format = forStream->format;
    std::shared_ptr<const MappingPlan> plan;
    ConventionConverter converter;
    if (forTable)
    {
        const auto converting = ConventionConverter::create(format.names, format.convention, forTable->convention());
        if (!converting)
        {
            return converting.error();
        }
        converter = converting.value();
        auto bound = forTable->bind(format.names);
        if (!bound)
        {
            return bound.error();
        }
        plan = std::move(bound).value();
    }
    return std::make_shared<PlayerBinding>(forStream, std::move(plan), converter, ++revision);
}

Player::Player(const PlayerOptions& options) : state_(std::make_unique<State>(options)) {}

Player::~Player() = default;

// --- writer

Status Player::begin(const StreamFormat& format)
{
    if (Status valid = format.validate(); !valid)
    {
        return valid;
    }
    State& state = *state_;
    const std::lock_guard<std::mutex> lock(state.writer);
    const auto stream = std::make_shared<PlayerStream>(format, capacityFor(format, state.options.capacitySeconds));
    auto binding = state.makeBinding(stream, state.table);
    if (!binding)
    {
        return binding.error();
    }
    state.stream = stream;
    state.guard.emplace(format.names, state.options.weightLow, state.options.weightHigh);
    state.checked.assign(format.names.size(), 0.0F);
    state.refused = 0;
    state.gauges.started = false;
    state.slot.publish(std::move(binding).value());
    return {};
}

Status Player::push(const FrameView& frame)
{
    State& state = *state_;
    const std::lock_guard<std::mutex> lock(state.writer);
    state.slot.collect();
    if (!state.stream || state.range().finished)
    {
        return makeError(ErrorCode::WrongState, state.stream ? "the stream is finished; no frames come after that"
                                                             : "no stream has begun; frames come after begin");
    }
    if (!state.guard->admit(frame.weights, state.checked.data()))
    {
        ++state.refused;
        return makeError(ErrorCode::InvalidArgument, "a frame with a wrong number of weights; right is one per name");
    }
    FrameView clean = frame;
    clean.weights = state.checked;
    Status pushed = state.stream->buffer.push(clean);
    state.refused += !pushed && pushed.error().code != ErrorCode::Full ? 1 : 0;
    return pushed;
}

void Player::finish()
{
    State& state = *state_;
    const std::lock_guard<std::mutex> lock(state.writer);
    state.slot.collect();
    if (state.stream)
    {
        state.stream->buffer.finish();
    }
}

void Player::restart()
{
    State& state = *state_;
    const std::lock_guard<std::mutex> lock(state.writer);
    if (state.stream)
    {
        state.stream->buffer.clear();
    }
}

// --- any thread

Status Player::setTable(std::shared_ptr<const MappingTable> table)
{
    State& state = *state_;
    const std::lock_guard<std::mutex> lock(state.writer);
    if (state.stream)
    {
        auto binding = state.makeBinding(state.stream, table);
        if (!binding)
        {
            return binding.error();
        }
        state.slot.publish(std::move(binding).value());
    }
    state.table = std::move(table);
    return {};
}

bool Player::ready() const
{
    const State& state = *state_;
    const std::lock_guard<std::mutex> lock(state.writer);
    const BufferRange range = state.range();
    const double from = state.gauges.started ? state.gauges.position.load() : static_cast<double>(range.first);
    return state.stream && isFilled(range, from, state.options.fillSeconds * state.stream->format.sampleRate);
}

std::size_t Player::room() const
{
    const State& state = *state_;
    const std::lock_guard<std::mutex> lock(state.writer);
    return state.stream ? state.stream->buffer.room() : 0;
}

PlayerStats Player::stats() const
{
    const State& state = *state_;
    const std::lock_guard<std::mutex> lock(state.writer);
    PlayerStats stats;
    if (!state.stream)
    {
        return stats;
    }
    const BufferRange range = state.range();
    stats.framesPushed = range.pushed;
    stats.framesEvicted = range.evicted;
    stats.framesReplaced = range.replaced;
    stats.framesRefused = state.refused;
    stats.framesBuffered = range.count;
    const double from = state.gauges.started ? state.gauges.position.load() : static_cast<double>(range.first);
    stats.leadSeconds =
        range.count > 0 ? (static_cast<double>(range.last) - from) / state.stream->format.sampleRate : 0.0;
    stats.underruns = state.gauges.underruns;
    stats.underrunSeconds = state.gauges.underrunSeconds;
    stats.clockResyncs = state.gauges.resyncs;
    stats.deviceDriftPpm = state.gauges.deviceDriftPpm;
    stats.senderDriftPpm = state.gauges.senderDriftPpm;
    stats.clockErrorSeconds = state.gauges.clockError;
    stats.weights = state.guard->report();
    return stats;
}

// --- reader

const PlayerOutput& Player::evaluate(const Playhead& now)
{
    State& state = *state_;
    if (std::shared_ptr<PlayerBinding> next = state.reader.binding(); state.slot.refresh(next))
    {
        state.reader.bind(std::move(next));
    }
    return state.reader.evaluate(now);
}

void Player::pause(double wallSeconds)
{
    state_->reader.pause(wallSeconds);
}

void Player::resume(double wallSeconds)
{
    state_->reader.resume(wallSeconds);
}

bool Player::seek(double wallSeconds, double position)
{
    return state_->reader.seek(wallSeconds, position);
}

void Player::setSpeed(double wallSeconds, double speed)
{
    state_->reader.setSpeed(wallSeconds, speed);
}

void Player::releaseDevice()
{
    state_->reader.releaseDevice();
}

} // namespace a2fbridge
