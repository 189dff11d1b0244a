using System.Buffers.Binary;
using System.Text;

namespace MLNet.FineTune.Runtime;

/// <summary>Edits the symbol-version requirements (section <c>.gnu.version_r</c>) of a 64-bit little-endian ELF image.</summary>
/// <remarks>
/// A library linked with GCC 13 may require the version <c>GLIBCXX_3.4.32</c> of libstdc++ although no relocation uses a
/// symbol of it. The dynamic linker refuses the library where libstdc++ is older; a requirement marked weak
/// (<c>VER_FLG_WEAK</c>, System V ABI, "Symbol versioning") is only warned about.
/// </remarks>
internal static class ElfVersionRequirement
{
    private const uint SectionTypeVersionNeed = 0x6ffffffe;
    private const ushort WeakFlag = 0x2;
    private const int SectionHeaderSize = 64;

    /// <summary>Marks every requirement of <paramref name="version"/> weak, in place.</summary>
    /// <returns>How many requirements were marked; zero when the image has none, or they are weak already.</returns>
    /// <exception cref="InvalidDataException">The image is not a well-formed 64-bit little-endian ELF file.</exception>
    public static int Weaken(Span<byte> image, string version)
    {
        try
        {
            return WeakenCore(image, Encoding.ASCII.GetBytes(version));
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("The ELF image is truncated or its section table is corrupt.", e);
        }
    }

    private static int WeakenCore(Span<byte> image, ReadOnlySpan<byte> version)
    {
        if (image.Length < 64 || !image[..4].SequenceEqual("\u007fELF"u8) || image[4] != 2 || image[5] != 1)
            throw new InvalidDataException("Not a 64-bit little-endian ELF image.");

        int sections = Offset64(image, 0x28);
        int sectionSize = Read16(image, 0x3A);
        int sectionCount = Read16(image, 0x3C);
        if (sectionSize < SectionHeaderSize)
            throw new InvalidDataException($"The ELF image has section headers of {sectionSize} bytes; expected {SectionHeaderSize}.");

        int marked = 0;
        for (int i = 0; i < sectionCount; i++)
        {
            int header = checked(sections + i * sectionSize);
            if (Read32(image, header + 4) != SectionTypeVersionNeed)
                continue;
            int strings = Offset64(image, Forward(sections, checked(Read32(image, header + 40) * (uint)sectionSize)) + 24);
            marked += WeakenSection(image, Offset64(image, header + 24), strings, version);
        }
        return marked;
    }

    private static int WeakenSection(Span<byte> image, int need, int strings, ReadOnlySpan<byte> version)
    {
        int marked = 0;
        while (true)
        {
            int auxiliaries = Read16(image, need + 2);
            int auxiliary = Forward(need, Read32(image, need + 8));
            for (int i = 0; i < auxiliaries; i++)
            {
                ushort flags = Read16(image, auxiliary + 4);
                int name = Forward(strings, Read32(image, auxiliary + 8));
                if ((flags & WeakFlag) == 0 && NameEquals(image[name..], version))
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(image[(auxiliary + 4)..], (ushort)(flags | WeakFlag));
                    marked++;
                }
                uint following = Read32(image, auxiliary + 12);
                if (following == 0)
                    break;
                auxiliary = Forward(auxiliary, following);
            }
            uint next = Read32(image, need + 12);
            if (next == 0)
                return marked;
            need = Forward(need, next);
        }
    }

    /// <summary>Offsets in the section are unsigned: a chain runs forward only, so that a corrupt one ends too.</summary>
    private static int Forward(int from, uint by) => checked((int)(from + by));

    private static bool NameEquals(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) =>
        text.Length > name.Length && text.StartsWith(name) && text[name.Length] == 0;

    private static ushort Read16(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image[offset..]);

    private static uint Read32(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image[offset..]);

    private static int Offset64(ReadOnlySpan<byte> image, int offset) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(image[offset..]));
}
