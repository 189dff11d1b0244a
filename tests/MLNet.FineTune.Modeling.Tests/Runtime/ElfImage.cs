using System.Text;

namespace MLNet.FineTune.Tests.Runtime;

/// <summary>Builds the smallest ELF image that has symbol-version requirements: header, strings, one <c>.gnu.version_r</c>, section table.</summary>
internal static class ElfImage
{
    /// <summary>An image that requires these versions, grouped by library.</summary>
    public static byte[] Create(params (string Library, string[] Versions)[] needs)
    {
        var names = new List<byte> { 0 };
        int Name(string text)
        {
            int at = names.Count;
            names.AddRange(Encoding.ASCII.GetBytes(text));
            names.Add(0);
            return at;
        }

        var section = new MemoryStream();
        var writer = new BinaryWriter(section);
        for (int n = 0; n < needs.Length; n++)
        {
            (string library, string[] versions) = needs[n];
            writer.Write((ushort)1); // vn_version
            writer.Write((ushort)versions.Length);
            writer.Write(Name(library));
            writer.Write(16); // vn_aux: right behind
            writer.Write(n == needs.Length - 1 ? 0 : 16 + 16 * versions.Length);
            for (int v = 0; v < versions.Length; v++)
            {
                writer.Write(0x0badcafe); // vna_hash
                writer.Write((ushort)0); // vna_flags
                writer.Write((ushort)(2 + v)); // vna_other
                writer.Write(Name(versions[v]));
                writer.Write(v == versions.Length - 1 ? 0 : 16);
            }
        }

        const int Header = 64;
        long stringsAt = Header, needsAt = stringsAt + names.Count, sectionsAt = needsAt + section.Length;
        var image = new MemoryStream();
        var file = new BinaryWriter(image);
        file.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]);
        image.Position = 0x28;
        file.Write(sectionsAt);
        image.Position = 0x3A;
        file.Write((ushort)64);
        file.Write((ushort)3);
        image.Position = Header;
        file.Write([.. names]);
        file.Write(section.ToArray());
        WriteSection(file, 0, 0, 0, 0);
        WriteSection(file, 3, stringsAt, names.Count, 0);
        WriteSection(file, 0x6ffffffe, needsAt, section.Length, link: 1);
        return image.ToArray();
    }

    private static void WriteSection(BinaryWriter file, uint type, long offset, long size, int link)
    {
        file.Write(0);
        file.Write(type);
        file.Write(0L);
        file.Write(0L);
        file.Write(offset);
        file.Write(size);
        file.Write(link);
        file.Write(0);
        file.Write(1L);
        file.Write(0L);
    }
}
