#include "clue/composed_advertisement.hpp"

#include <algorithm>
#include <array>

#include "clue/codec_writer.hpp"

namespace clued::clue {

namespace {

/// A wrapper element of an advertisement, in the schema's order.
struct Section {
  std::string AdvertisementPart::*xml;
  std::string_view wrapper;
  bool mandatory;
};

constexpr std::array<Section, 6> sections{{
    {&AdvertisementPart::captures_xml, "p:mediaCaptures", true},
    {&AdvertisementPart::encoding_groups_xml, "p:encodingGroups", true},
    {&AdvertisementPart::scenes_xml, "p:captureScenes", true},
    {&AdvertisementPart::simultaneous_sets_xml, "p:simultaneousSets", false},
    {&AdvertisementPart::global_views_xml, "p:globalViews", false},
    {&AdvertisementPart::people_xml, "p:people", false},
}};

std::size_t size_of(const Section& section, const std::vector<AdvertisementPartPtr>& parts) noexcept {
  std::size_t size = 0;
  for (const auto& part : parts) size += ((*part).*section.xml).size();
  return size;
}

/// Whether the parts, one after the other, say the same in this section, however it is cut into parts. Parts that both
/// have are not looked into: mostly all but the last are.
bool same_text(const Section& section, const std::vector<AdvertisementPartPtr>& a,
               const std::vector<AdvertisementPartPtr>& b) {
  std::size_t i = 0, j = 0;
  std::string_view left, right;
  while (true) {
    if (left.empty() && right.empty()) {
      while (i < a.size() && j < b.size() && a[i] == b[j]) ++i, ++j;
    }
    while (left.empty() && i < a.size()) left = (*a[i++]).*section.xml;
    while (right.empty() && j < b.size()) right = (*b[j++]).*section.xml;
    if (left.empty() || right.empty()) return left.empty() && right.empty();
    const auto size = std::min(left.size(), right.size());
    if (left.substr(0, size) != right.substr(0, size)) return false;
    left.remove_prefix(size);
    right.remove_prefix(size);
  }
}

template <class T>
void append(std::vector<T>& all, const std::vector<T>& some) {
  all.insert(all.end(), some.begin(), some.end());
}

}  // namespace

AdvertisementPartPtr make_part(AdvertisementContent content) {
  const auto part = std::make_shared<AdvertisementPart>();
  part->content = std::move(content);
  const auto& kept = part->content;
  codec::write_captures(part->captures_xml, kept.captures);
  codec::write_encoding_groups(part->encoding_groups_xml, kept.encoding_groups);
  codec::write_scenes(part->scenes_xml, kept.scenes);
  codec::write_simultaneous_sets(part->simultaneous_sets_xml, kept.simultaneous_sets);
  codec::write_global_views(part->global_views_xml, kept.global_views);
  codec::write_people(part->people_xml, kept.people);
  // They live as long as somebody is in the conference, and were written without knowing their length.
  for (const auto& section : sections) ((*part).*section.xml).shrink_to_fit();
  part->captures_by_id.reserve(kept.captures.size());
  for (const auto& capture : kept.captures) part->captures_by_id.emplace(capture.id, &capture);
  return part;
}

std::size_t AdvertisementPart::size() const noexcept {
  std::size_t size = 0;
  for (const auto& section : sections) size += (this->*section.xml).size();
  return size;
}

const MediaCapture* ComposedAdvertisement::capture(std::string_view id) const {
  for (const auto& part : parts_) {
    const auto found = part->captures_by_id.find(id);
    if (found != part->captures_by_id.end()) return found->second;
  }
  return nullptr;
}

const EncodingGroup* ComposedAdvertisement::encoding_group(std::string_view id) const {
  for (const auto& part : parts_) {
    for (const auto& group : part->content.encoding_groups) {
      if (group.id == id) return &group;
    }
  }
  return nullptr;
}

const SceneView* ComposedAdvertisement::scene_view(std::string_view id) const {
  for (const auto& part : parts_) {
    for (const auto& scene : part->content.scenes) {
      for (const auto& view : scene.views) {
        if (view.id == id) return &view;
      }
    }
  }
  return nullptr;
}

AdvertisementContent ComposedAdvertisement::content() const {
  AdvertisementContent all;
  for (const auto& part : parts_) {
    append(all.captures, part->content.captures);
    append(all.encoding_groups, part->content.encoding_groups);
    append(all.scenes, part->content.scenes);
    append(all.simultaneous_sets, part->content.simultaneous_sets);
    append(all.global_views, part->content.global_views);
    append(all.people, part->content.people);
  }
  return all;
}

std::string ComposedAdvertisement::encode(const Header& header) const {
  std::string out;
  out.reserve(size_estimate() + (header.clue_id ? header.clue_id->size() : 0));
  xml::Writer writer(out);
  codec::start_message(writer, "p:advertisement", codec::Namespaces::with_data_model, header);
  for (const auto& section : sections) {
    if (!section.mandatory && size_of(section, parts_) == 0) continue;
    writer.start(section.wrapper);
    for (const auto& part : parts_) writer.raw((*part).*section.xml);
    writer.end(section.wrapper);
  }
  writer.end("p:advertisement");
  return out;
}

std::size_t ComposedAdvertisement::size_estimate() const noexcept {
  std::size_t size = codec::usual_envelope_size;
  for (const auto& section : sections) size += size_of(section, parts_);
  return size;
}

bool ComposedAdvertisement::operator==(const ComposedAdvertisement& other) const {
  if (parts_ == other.parts_) return true;
  // What is said is what is written; the same may be cut into other parts.
  return std::all_of(sections.begin(), sections.end(),
                     [&](const Section& section) { return same_text(section, parts_, other.parts_); });
}

}  // namespace clued::clue
