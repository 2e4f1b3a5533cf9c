#include "sip/operator_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace clued::sip {

namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::string& file)
      : descriptor_(open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

base::unexpected<std::string> refuse_by_errno() { return base::unexpected(std::string(std::strerror(errno))); }

std::string in_mebibytes(std::size_t bytes) { return std::to_string(bytes / (std::size_t{1024} * 1024)) + " MiB"; }

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : file.substr(0, slash);
}

}  // namespace

base::expected<std::string, std::string> read_operator_file(const std::string& file, std::size_t most) {
  // Some devices do something when they are opened, such as a watchdog. Between the two looks it may become another
  // file, so what is open is looked at as well.
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return refuse_by_errno();
  if (!S_ISREG(status.st_mode)) return base::unexpected(std::string("not a regular file"));
  const OpenFile opened(file);
  if (opened.descriptor() < 0 || fstat(opened.descriptor(), &status) != 0) return refuse_by_errno();
  if (!S_ISREG(status.st_mode)) return base::unexpected(std::string("not a regular file"));
  std::string text;
  constexpr std::size_t step = 65'536;
  while (text.size() <= most) {
    const std::size_t had = text.size();
    text.resize(had + step);
    const ssize_t count = read(opened.descriptor(), text.data() + had, step);
    text.resize(had + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refuse_by_errno();
    if (count == 0) return text;
  }
  return base::unexpected("longer than " + in_mebibytes(most));
}

std::string problem_of_log_file(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) {
    if (errno != ENOENT) return std::strerror(errno);
    const std::string folder = folder_of(file);
    if (!file.empty() && file.back() == '/') return "a directory, or none";
    if (stat(folder.c_str(), &status) != 0) return folder + ": " + std::strerror(errno);
    // Also of a name that leads nowhere: the file would be made elsewhere, which the start finds out.
    return access(folder.c_str(), W_OK | X_OK) == 0 ? "" : folder + ": " + std::strerror(errno);
  }
  // Where lines can go: also to a FIFO, a terminal or /dev/null.
  if (S_ISDIR(status.st_mode)) return "a directory";
  if (S_ISSOCK(status.st_mode)) return "a socket";
  if (S_ISBLK(status.st_mode)) return "a block device";
  return access(file.c_str(), W_OK) == 0 ? "" : std::strerror(errno);
}

}  // namespace clued::sip
