#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "A2FBridge/Player.h"
#include "Api.h"
#include "Border.h"
#include "Format.h"
#include "Handles.h"
#include "TableHandle.h"

using a2fbridge::client::Session;

struct a2fb_player
{
    explicit a2fb_player(const a2fbridge::PlayerOptions& options) : it(options) {}

    a2fbridge::Player it;
    const std::vector<std::string>* names = nullptr; ///< Of the last evaluate; the reader's.

    std::weak_ptr<Session> pumped; ///< The session whose stream was begun; the writer's, as is what follows.
    bool begun = false;
    bool finished = false;
    std::vector<float> weights;
};

namespace a2fbridge::client
{

namespace
{

double inSeconds(std::uint32_t milliseconds, double byDefault)
{
    return milliseconds == 0 ? byDefault : milliseconds / 1000.0;
}

a2fb_status A2FB_CALL open(const a2fb_player_options* options, a2fb_player** out, a2fb_error* error)
{
    return opened(out, error,
                  [&]
                  {
                      const a2fb_player_options given = read(options);
                      PlayerOptions made;
                      made.fillSeconds = inSeconds(given.fill_ms, made.fillSeconds);
                      made.capacitySeconds = inSeconds(given.capacity_ms, made.capacitySeconds);
                      made.holdSeconds = inSeconds(given.hold_ms, made.holdSeconds);
                      made.easeSeconds = inSeconds(given.ease_ms, made.easeSeconds);
                      made.restSeconds = inSeconds(given.rest_ms, made.restSeconds);
                      made.recoverSeconds = inSeconds(given.recover_ms, made.recoverSeconds);
                      made.interpolate = given.step == 0;
                      return new a2fb_player(made);
                  });
}

void A2FB_CALL close(a2fb_player* player)
{
    delete player;
}

/// The core calls the wrong convention an invalid argument; here it has a status of its own.
void checkConvention(const Status& status)
{
    if (!status.ok() && status.error().reason == "convention")
    {
        throw Failure(status.error(), A2FB_E_CONVENTION);
    }
    check(status);
}

a2fb_status A2FB_CALL begin(a2fb_player* player, const a2fb_format* format, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(player != nullptr, "player is NULL");
                       player->pumped.reset();
                       checkConvention(player->it.begin(readFormat(format)));
                   });
}

FrameView viewOf(const a2fb_frame& frame)
{
    require(frame.weights != nullptr, "frame.weights is NULL");
    FrameView view;
    view.sampleIndex = frame.sample_index;
    view.timeCode = frame.time_code;
    view.weights = {frame.weights, frame.weight_count};
    view.emotions = {frame.emotions, A2FB_EMOTIONS};
    return view;
}

a2fb_status A2FB_CALL push(a2fb_player* player, const a2fb_frame* frame, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(player != nullptr, "player is NULL");
                       check(player->it.push(viewOf(read(frame))));
                   });
}

a2fb_status A2FB_CALL finish(a2fb_player* player)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(player != nullptr, "player is NULL");
                       player->it.finish();
                   });
}

StreamFormat formatOf(const Session& session, const a2fb_session_info& info)
{
    StreamFormat format;
    for (std::uint32_t i = 0; i < info.weight_count; ++i)
    {
        a2fb_str name{};
        session.text(A2FB_TEXT_NAME, i, name);
        format.names.emplace_back(name.data, name.size);
    }
    format.frameRate = {info.frame_rate_numerator, info.frame_rate_denominator};
    format.sampleRate = static_cast<std::int32_t>(info.audio_sample_rate);
    return format;
}

void beginPumping(a2fb_player& player, const std::shared_ptr<Session>& session)
{
    if (player.pumped.lock() != session)
    {
        player.pumped = session;
        player.begun = player.finished = false;
    }
    const a2fb_session_info info = session->info();
    if (!player.begun && info.weight_count > 0)
    {
        checkConvention(player.it.begin(formatOf(*session, info)));
        player.weights.resize(info.weight_count);
        player.begun = true;
    }
}

a2fb_status A2FB_CALL pump(a2fb_player* player, a2fb_session* session, std::size_t* moved, a2fb_error* error)
{
    std::size_t frames = 0;
    const a2fb_status status = guarded(
        error,
        [&]() -> a2fb_status
        {
            require(player != nullptr && session != nullptr, "player or session is NULL");
            beginPumping(*player, session->it);
            a2fb_frame frame{};
            frame.struct_size = sizeof frame;
            frame.weights = player->weights.data();
            frame.weight_capacity = static_cast<std::uint32_t>(player->weights.size());
            a2fb_status got = A2FB_NOTHING;
            while ((!player->begun || player->it.room() > 0) && (got = session->it->poll(frame, error)) == A2FB_OK)
            {
                check(player->it.push(viewOf(frame)));
                ++frames;
            }
            if ((got == A2FB_END || got < 0) && player->begun && !player->finished)
            {
                player->finished = true;
                player->it.finish();
            }
            return frames > 0 ? A2FB_OK : got;
        });
    if (moved != nullptr)
    {
        *moved = frames;
    }
    return status;
}

a2fb_status A2FB_CALL setTable(a2fb_player* player, const a2fb_table* table, a2fb_error* error)
{
    return guarded(error,
                   [&]
                   {
                       require(player != nullptr, "player is NULL");
                       checkConvention(player->it.setTable(table == nullptr ? nullptr : table->it));
                   });
}

void fill(const PlayerOutput& from, a2fb_pose& pose)
{
    pose.state = static_cast<std::uint32_t>(from.state);
    pose.value_count = static_cast<std::uint32_t>(from.values.size());
    pose.paused = from.paused ? 1 : 0;
    pose.position = from.position;
    pose.activity = from.activity;
    pose.revision = from.revision;
    std::fill(std::begin(pose.emotions), std::end(pose.emotions), std::nanf(""));
    std::copy(from.emotions.begin(), from.emotions.end(), pose.emotions);
}

a2fb_status A2FB_CALL evaluate(a2fb_player* player, double wallSeconds, double devicePosition, float* values,
                               std::size_t capacity, a2fb_pose* pose)
{
    if (player == nullptr || pose == nullptr || pose->struct_size < sizeof(a2fb_pose) || !std::isfinite(wallSeconds))
    {
        return A2FB_E_ARGUMENT;
    }
    Playhead now;
    now.wallSeconds = wallSeconds;
    if (!std::isnan(devicePosition))
    {
        now.devicePosition = devicePosition;
    }
    const PlayerOutput& output = player->it.evaluate(now);
    player->names = output.names;
    fill(output, *pose);
    if (capacity < output.values.size() || (values == nullptr && !output.values.empty()))
    {
        return A2FB_E_TOO_SMALL;
    }
    std::copy(output.values.begin(), output.values.end(), values);
    return A2FB_OK;
}

a2fb_status A2FB_CALL textOf(const a2fb_player* player, std::uint32_t kind, std::size_t index, a2fb_str* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(player != nullptr && out != nullptr, "player or out is NULL");
                       const bool found =
                           kind == A2FB_TEXT_NAME && player->names != nullptr && index < player->names->size();
                       *out = found ? str((*player->names)[index]) : a2fb_str{};
                       return found ? A2FB_OK : A2FB_NOTHING;
                   });
}

/// The reader's controls: all take a time and call one function of the player.
template <class Control>
a2fb_status control(a2fb_player* player, double wallSeconds, Control&& run)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(player != nullptr && std::isfinite(wallSeconds),
                               "player is NULL, or wall_seconds is no number");
                       return run(player->it) ? A2FB_OK : A2FB_NOTHING;
                   });
}

a2fb_status A2FB_CALL pause(a2fb_player* player, double wallSeconds)
{
    return control(player, wallSeconds, [&](Player& it) { return it.pause(wallSeconds), true; });
}

a2fb_status A2FB_CALL resume(a2fb_player* player, double wallSeconds)
{
    return control(player, wallSeconds, [&](Player& it) { return it.resume(wallSeconds), true; });
}

a2fb_status A2FB_CALL seek(a2fb_player* player, double wallSeconds, double position)
{
    return control(player, wallSeconds,
                   [&](Player& it)
                   {
                       require(std::isfinite(position), "position is no number");
                       return it.seek(wallSeconds, position);
                   });
}

a2fb_status A2FB_CALL speed(a2fb_player* player, double wallSeconds, double factor)
{
    return control(player, wallSeconds,
                   [&](Player& it)
                   {
                       require(factor >= 0.0 && factor <= 16.0, "speed is not 0 to 16");
                       return it.setSpeed(wallSeconds, factor), true;
                   });
}

a2fb_status A2FB_CALL deviceGone(a2fb_player* player)
{
    return control(player, 0.0, [](Player& it) { return it.releaseDevice(), true; });
}

a2fb_status A2FB_CALL info(const a2fb_player* player, a2fb_player_info* out)
{
    return guarded(nullptr,
                   [&]
                   {
                       require(player != nullptr, "player is NULL");
                       const PlayerStats stats = player->it.stats();
                       a2fb_player_info filled{};
                       filled.ready = player->it.ready() ? 1 : 0;
                       filled.room = static_cast<std::uint32_t>(player->it.room());
                       filled.frames_buffered = static_cast<std::uint32_t>(stats.framesBuffered);
                       filled.frames_pushed = stats.framesPushed;
                       filled.underruns = stats.underruns;
                       filled.weights_corrected = stats.weights.notFinite + stats.weights.outOfRange;
                       filled.underrun_seconds = stats.underrunSeconds;
                       filled.lead_seconds = stats.leadSeconds;
                       filled.device_drift_ppm = stats.deviceDriftPpm;
                       write(filled, out);
                   });
}

} // namespace

void addPlayer(a2fb_api& api)
{
    api.player_open = open;
    api.player_close = close;
    api.player_begin = begin;
    api.player_push = push;
    api.player_finish = finish;
    api.player_pump = pump;
    api.player_set_table = setTable;
    api.player_evaluate = evaluate;
    api.player_text = textOf;
    api.player_pause = pause;
    api.player_resume = resume;
    api.player_seek = seek;
    api.player_speed = speed;
    api.player_device_gone = deviceGone;
    api.player_info = info;
}

} // namespace a2fbridge::client
