#include "Outbox.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "Failure.h"

namespace a2fbridge::client
{

namespace
{

constexpr std::size_t kMaxKeys = 20000;
constexpr std::size_t kKeysPerParcel = 500;

/// Rounds to 16 bits, clipped at full scale, as Python's side does (a2fbridge.audio.float_to_pcm16).
std::int16_t toPcm16(float value)
{
    return static_cast<std::int16_t>(std::clamp(std::nearbyint(value * 32768.0F), -32768.0F, 32767.0F));
}

template <class Sample>
float mean(const Sample* samples, std::size_t channels)
{
    float sum = 0.0F;
    for (std::size_t i = 0; i < channels; ++i)
    {
        sum += static_cast<float>(samples[i]);
    }
    return sum / static_cast<float>(channels);
}

std::int16_t mono(const std::int16_t* samples, std::size_t channels)
{
    return channels == 1 ? samples[0] : toPcm16(mean(samples, channels) / 32768.0F);
}

std::int16_t mono(const float* samples, std::size_t channels)
{
    return toPcm16(channels == 1 ? samples[0] : mean(samples, channels));
}

void requireFinite(const float* samples, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
    {
        if (!std::isfinite(samples[i]))
        {
            throw Failure(A2FB_E_ARGUMENT,
                          "sample " + std::to_string(i) + " is " + std::to_string(samples[i]) + "; right is a number");
        }
    }
}

} // namespace

std::size_t Outbox::push(const a2fb_audio& audio)
{
    const std::size_t channels = audio.channels == 0 ? 1 : audio.channels;
    require(channels <= 8, "channels are more than 8");
    require(audio.format == A2FB_S16 || audio.format == A2FB_F32, "format is neither A2FB_S16 nor A2FB_F32");
    require(audio.data != nullptr || audio.frames == 0, "audio has frames but no data");
    const auto* const floats = static_cast<const float*>(audio.data);
    const auto* const integers = static_cast<const std::int16_t*>(audio.data);
    const std::lock_guard lock(mutex_);
    const std::size_t frames = std::min(audio.frames, capacity_ - size_);
    if (audio.format == A2FB_F32)
    {
        requireFinite(floats, frames * channels);
    }
    reserve(size_ + frames);
    for (std::size_t i = 0; i < frames; ++i)
    {
        ring_[(first_ + size_ + i) % ring_.size()] =
            audio.format == A2FB_F32 ? mono(floats + i * channels, channels) : mono(integers + i * channels, channels);
    }
    size_ += frames;
    pushed_.fetch_add(frames, std::memory_order_relaxed);
    if (frames < audio.frames)
    {
        refused_ = true;
    }
    return frames;
}

void Outbox::reserve(std::size_t samples)
{
    if (samples <= ring_.size())
    {
        return;
    }
    std::vector<std::int16_t> larger(std::min(capacity_, std::max<std::size_t>(samples, 2 * ring_.size())));
    for (std::size_t i = 0; i < size_; ++i)
    {
        larger[i] = ring_[(first_ + i) % ring_.size()];
    }
    ring_.swap(larger);
    first_ = 0;
}

bool Outbox::push(EmotionKey key)
{
    const std::lock_guard lock(mutex_);
    if (keys_.size() >= kMaxKeys)
    {
        refused_ = true;
        return false;
    }
    keys_.push_back(std::move(key));
    return true;
}

void Outbox::end()
{
    const std::lock_guard lock(mutex_);
    ended_ = true;
}

bool Outbox::ended() const
{
    const std::lock_guard lock(mutex_);
    return ended_;
}

bool Outbox::take(std::size_t maxSamples, Parcel& parcel)
{
    const std::lock_guard lock(mutex_);
    parcel.samples.clear();
    parcel.keys.clear();
    // A clip without any sound is sent as one empty message, so that the server sees a clip.
    const bool something = size_ > 0 || !keys_.empty() || (ended_ && !anythingTaken_);
    parcel.end = !something && ended_ && !endTaken_;
    endTaken_ = endTaken_ || parcel.end;
    if (!something)
    {
        return parcel.end;
    }
    anythingTaken_ = true;
    const auto keys = static_cast<std::ptrdiff_t>(std::min(keys_.size(), kKeysPerParcel));
    std::move(keys_.begin(), keys_.begin() + keys, std::back_inserter(parcel.keys));
    keys_.erase(keys_.begin(), keys_.begin() + keys);
    // Keys go ahead of the sound that they are for.
    const std::size_t samples = keys_.empty() ? std::min(size_, maxSamples) : 0;
    for (std::size_t i = 0; i < samples; ++i)
    {
        parcel.samples.push_back(ring_[(first_ + i) % ring_.size()]);
    }
    first_ = ring_.empty() ? 0 : (first_ + samples) % ring_.size();
    size_ -= samples;
    return true;
}

void Outbox::close()
{
    const std::lock_guard lock(mutex_);
    size_ = 0;
    keys_.clear();
    std::vector<std::int16_t>().swap(ring_);
    first_ = 0;
    ended_ = true;
    anythingTaken_ = true;
    endTaken_ = true;
}

bool Outbox::roomAgain()
{
    if (!refused_)
    {
        return false;
    }
    const std::lock_guard lock(mutex_);
    const bool again = size_ < capacity_ && keys_.size() < kMaxKeys;
    refused_ = !again;
    return again;
}

} // namespace a2fbridge::client
