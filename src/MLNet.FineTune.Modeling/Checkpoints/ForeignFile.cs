using System.Text;

namespace MLNet.FineTune.Checkpoints;

/// <summary>Recognises what people really have where weights are expected.</summary>
internal static class ForeignFile
{
    /// <summary>How many leading bytes are enough.</summary>
    public const int HeadLength = 256;

    /// <summary>What the file is and what to do about it; null when it is none of the known impostors.</summary>
    public static string? Describe(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            return "the file is empty; download it again";
        if (head.StartsWith("version https://git-lfs.github.com/"u8))
            return $"it is a git-lfs pointer, not the file itself{PointedSize(head)}; run 'git lfs pull' in the model's repository, or download the file";
        ReadOnlySpan<byte> text = head.TrimStart("\uFEFF \t\r\n"u8);
        if (StartsWith(text, "<!doctype") || StartsWith(text, "<html") || StartsWith(text, "<?xml"))
            return "it is a web page (an error or login page saved under this name); download the file itself, with an access token where the model asks for one";
        return null;
    }

    /// <summary>Whether these are the first bytes of a zip archive, which <c>pytorch_model.bin</c> is.</summary>
    public static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\u0003\u0004"u8);

    private static bool StartsWith(ReadOnlySpan<byte> text, string prefix) =>
        text.Length >= prefix.Length && Ascii.EqualsIgnoreCase(text[..prefix.Length], prefix);

    private static string PointedSize(ReadOnlySpan<byte> head)
    {
        foreach (Range line in head.Split((byte)'\n'))
            if (head[line].StartsWith("size "u8) && long.TryParse(head[line][5..], out long size))
                return $" (which takes {size} bytes)";
        return "";
    }
}
