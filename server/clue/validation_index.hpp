// The ids of one advertisement: one symbol space for all kinds of things (they are xs:ID in RFC 8846).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "clue/model.hpp"

namespace clued::clue {

/// An id for a reason phrase: quoted and of bounded length.
std::string quoted(std::string_view id);

/// Refers into a content that outlives it.
class IdIndex {
 public:
  using Thing = std::variant<const MediaCapture*, const EncodingGroup*, const CaptureScene*, const SceneView*,
                             const SimultaneousSet*, const GlobalView*, const Person*>;

  void reserve(std::size_t count) { things_.reserve(count); }

  /// False when something has that id already.
  bool add(std::string_view id, Thing thing) { return things_.emplace(id, thing).second; }

  /// The thing of that kind and id or nullptr.
  template <class T>
  const T* find(std::string_view id) const {
    const auto found = things_.find(id);
    if (found == things_.end()) return nullptr;
    const auto* const* thing = std::get_if<const T*>(&found->second);
    return thing == nullptr ? nullptr : *thing;
  }

 private:
  std::unordered_map<std::string_view, Thing> things_;
};

/// The same medium: the types agree, and the words too where the type says nothing.
inline bool same_media(const MediaCapture& a, const MediaCapture& b) noexcept {
  return a.type == b.type && (a.type != MediaType::other || a.media_type == b.media_type);
}

}  // namespace clued::clue
