using System.Text;
using System.Text.Json;

namespace MLNet.FineTune.Tokenization;

/// <summary>The files of a tokenizer, read when asked for; remembers which were, because exactly those are needed again.</summary>
internal sealed class TokenizerFiles
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Func<string, byte[]?> _open;
    private readonly HashSet<string> _names;
    private readonly SortedDictionary<string, byte[]> _read = new(StringComparer.Ordinal);

    private TokenizerFiles(string location, IEnumerable<string> names, Func<string, byte[]?> open)
    {
        Location = location;
        _names = new HashSet<string>(names, StringComparer.Ordinal);
        _open = open;
    }

    /// <summary>Where the files are, for messages.</summary>
    public string Location { get; }

    public static TokenizerFiles FromDirectory(string directory)
    {
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"'{directory}' is not a directory; expected one with the files of a tokenizer.");
        return new TokenizerFiles(directory, Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path)), name => File.ReadAllBytes(Path.Combine(directory, name)));
    }

    public static TokenizerFiles FromContents(IReadOnlyDictionary<string, byte[]> files, string location) =>
        new(location, files.Keys, name => files[name]);

    public bool Has(string name) => _names.Contains(name);

    /// <summary>The file's place, for messages.</summary>
    public string PathOf(string name) => $"{Location}/{name}";

    /// <summary>A malformed file.</summary>
    public InvalidDataException Invalid(string name, string problem, Exception? inner = null) => new($"'{PathOf(name)}': {problem}", inner);

    /// <summary>A file that asks for what is not supported.</summary>
    public NotSupportedException Unsupported(string name, string found, string supported) => new($"'{PathOf(name)}' asks for {found}, which is not supported; supported: {supported}.");

    /// <summary>The contents of everything read so far.</summary>
    public IReadOnlyDictionary<string, byte[]> ReadSoFar() => new SortedDictionary<string, byte[]>(_read, StringComparer.Ordinal);

    /// <summary>The names present, shortened, for messages.</summary>
    public string Listing() =>
        _names.Count == 0 ? "no files" : string.Join(", ", _names.Order(StringComparer.Ordinal).Take(20)) + (_names.Count > 20 ? $" and {_names.Count - 20} more" : "");

    public byte[] Bytes(string name)
    {
        if (_read.TryGetValue(name, out byte[]? bytes))
            return bytes;
        bytes = (Has(name) ? _open(name) : null) ?? throw Invalid(name, "the file is missing.");
        if (bytes.AsSpan().StartsWith("version https://git-lfs.github.com/spec/"u8))
            throw Invalid(name, "it is a Git LFS pointer, not the file itself; fetch the contents with 'git lfs pull' or download the file again.");
        _read.Add(name, bytes);
        return bytes;
    }

    /// <summary>The file as UTF-8 text, without a byte order mark.</summary>
    public string Text(string name)
    {
        ReadOnlySpan<byte> bytes = Bytes(name);
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid(name, $"byte {e.Index} is not valid UTF-8; expected a UTF-8 text file.", e);
        }
    }

    /// <summary>The lines of a text file, as Python's universal newlines split them; an empty last line is no line.</summary>
    public List<string> Lines(string name)
    {
        var lines = new List<string>();
        using var reader = new StringReader(Text(name));
        while (reader.ReadLine() is { } line)
            lines.Add(line);
        return lines;
    }

    /// <summary>The file as a JSON object.</summary>
    public JsonElement Json(string name)
    {
        string text = Text(name);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement.Clone();
            ReadStrings(root);
            return root.ValueKind == JsonValueKind.Object ? root : throw Invalid(name, $"expected a JSON object, found {root.ValueKind}.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Invalid(name, $"not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>Half an escaped surrogate pair passes the parser and fails only where its string is read: read all of them now.</summary>
    private static void ReadStrings(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                    ReadStrings(item);
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    ReadStrings(property.Value);
                }
                break;
        }
    }
}
