#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "clue/composed_advertisement.hpp"
#include "focus/capture_catalog.hpp"
#include "focus/policy.hpp"

namespace clued::focus {

/// The ids of what the focus itself offers: the conference scene that keeps an advertisement valid when nobody else is
/// there (requirements, finding 3).
inline constexpr std::string_view conference_video_capture = "mcc-v0";
inline constexpr std::string_view conference_audio_capture = "mcc-a0";

/// The SDP label of an encoding towards a participant, ordinal from 0 (RFC 8848 section 4.4.1).
std::string video_encoding_label(unsigned ordinal);
std::string audio_encoding_label(unsigned ordinal);

/// How many one participant may get: none where the operator has no video codec for them.
unsigned max_video_encodings(const Policy& policy);

/// What one participant is to be told, and the encodings it needs for that.
struct Composition {
  std::shared_ptr<const clue::ComposedAdvertisement> advertisement;
  unsigned video_encodings = 0;
  unsigned audio_encodings = 0;
  std::size_t captures_told = 0;     ///< individual captures in it
  std::size_t sources_left_out = 0;  ///< participants that appear only inside the conference captures
  std::size_t without_names = 0;     ///< participants that are told without descriptions and people
};

/// Catalogue times recipient: everybody else's captures in their scenes, then the conference scene (MCU-02, MCU-06).
/// A participant is told whole or not at all, so that its scene stays true; who does not fit is heard and seen through
/// the conference captures only. Who joined first is shown first, but who needs much more than others after them
/// (CaptureCatalog::by_size): whoever fits beside all who need less or as much as it does is told, however many need
/// more. Who needs more than its share of the room loses its names (MCU-07) before anybody else does.
///
/// Ends with the first who fills the message; at the longest it walks once through the conference.
class AdvertisementComposer {
 public:
  explicit AdvertisementComposer(const Policy& policy) : policy_(policy) {}

  /// `max_bytes`: the recipient's max-message-size (RFC 8841 section 6); 0 is unlimited. Where not even the conference
  /// scene fits, that scene is told in fewer words, and at last its audio alone; whether this fits is for who sends it.
  Composition compose(const CaptureCatalog& catalog, ParticipantId recipient, std::uint64_t max_bytes) const;
  /// Nothing but the conference scene, for a peer that refuses more.
  Composition compose_conference_scene(const CaptureCatalog& catalog, ParticipantId recipient,
                                       std::uint64_t max_bytes) const;

 private:
  struct Told;
  enum class Detail { full, large_ones_without_names, without_names };
  enum class Scene { whole, terse, audio_alone };
  Told choose(const CaptureCatalog& catalog, ParticipantId recipient, std::uint64_t max_bytes) const;
  Told take(const CaptureCatalog& catalog, ParticipantId recipient, std::uint64_t max_bytes, Detail detail) const;
  Composition compose(Told told, std::uint64_t max_bytes) const;
  Composition render(const Told& told, Scene scene) const;
  clue::AdvertisementContent conference_part(const Told& told, unsigned video_encodings, Scene scene) const;
  void add_simultaneous_sets(const Told& told, unsigned video_encodings, clue::AdvertisementContent& part) const;

  const Policy& policy_;
};

}  // namespace clued::focus
