// From sound to speech-like motion, for the mock: loudness opens the jaw, brightness tells hissing from vowels.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "A2FBridge/Names.h"

namespace a2fbridge
{

/// What is heard in one hop of 10 ms.
struct SpeechFeatures
{
    float loudness = 0.0F;   ///< 0 silence to 1 as loud as this speaker gets; smoothed like a jaw moves.
    float brightness = 0.0F; ///< 0 vowel to 1 hiss.
};

/// Takes sound in and keeps its features. Bounded; no allocation after the constructor.
class SpeechAnalyser
{
public:
    /// Keeps the features of the last `seconds` of sound.
    SpeechAnalyser(std::int32_t sampleRate, double seconds);

    void add(float sample);
    /// Ends the hop that is under way.
    void flush();
    std::int64_t samples() const { return samples_; }
    /// Features at a sample, linear between hops; what is not known is silence.
    SpeechFeatures at(std::int64_t sample) const;

private:
    void closeHop();
    SpeechFeatures hop(std::int64_t index) const;

    std::int64_t hopSize_;
    std::vector<SpeechFeatures> ring_;
    std::int64_t hops_ = 0;
    std::int64_t samples_ = 0;
    std::int64_t inHop_ = 0;
    double energy_ = 0.0;
    double difference_ = 0.0;
    float last_ = 0.0F;
    float peak_;
    SpeechFeatures smooth_;
};

/// Sets the 68 weights (a2f) of one moment. `syllable` wanders between 0 and 1 and chooses the mouth shape.
void poseSpeech(const SpeechFeatures& heard, float syllable, const std::array<float, kEmotionCount>& emotions,
                float strength, std::array<float, kFaceCount>& weights);

/// A value that wanders smoothly between 0 and 1, about `rate` times a second; the same for the same seed.
float wander(double seconds, double rate, std::uint32_t seed);

} // namespace a2fbridge
