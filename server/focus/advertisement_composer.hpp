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

/// What one participant is to be told, and the encodings it needs for that.
struct Composition {
  std::shared_ptr<const clue::ComposedAdvertisement> advertisement;
  unsigned video_encodings = 0;
  unsigned audio_encodings = 0;
  std::size_t captures_told = 0;     ///< individual captures in it
  std::size_t sources_left_out = 0;  ///< participants that appear only inside the conference captures
};

/// Catalogue times recipient: everybody else's captures in their scenes, then the conference scene (MCU-02, MCU-06).
/// Costs O(what is told), however large the conference is.
class AdvertisementComposer {
 public:
  explicit AdvertisementComposer(const Policy& policy) : policy_(policy) {}

  /// `max_bytes`: the recipient's max-message-size (RFC 8841 section 6); 0 is unlimited.
  Composition compose(const CaptureCatalog& catalog, ParticipantId recipient, std::uint64_t max_bytes) const;

 private:
  struct Told;
  Told choose(const CaptureCatalog& catalog, ParticipantId recipient, std::uint64_t max_bytes) const;
  clue::AdvertisementContent conference_part(const Told& told, unsigned video_encodings) const;

  const Policy& policy_;
};

}  // namespace clued::focus
