using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MLNet.FineTune.Tests.Checkpoints.PyTorch;

/// <summary>Puts together what <c>torch.save</c> writes, and what an attacker might.</summary>
internal static class TorchArchive
{
    public static byte[] Create(byte[] pickle, IReadOnlyDictionary<string, byte[]>? storages = null, string folder = "archive/",
        CompressionLevel level = CompressionLevel.NoCompression, string? byteOrder = null)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(folder + "data.pkl", pickle);
            foreach ((string key, byte[] bytes) in storages ?? new Dictionary<string, byte[]>())
                Add($"{folder}data/{key}", bytes);
            if (byteOrder is not null)
                Add(folder + "byteorder", Encoding.ASCII.GetBytes(byteOrder));

            void Add(string name, byte[] bytes)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }
        return stream.ToArray();
    }

    /// <summary>The pickle, of protocol 2, of a dict of tensors.</summary>
    public static byte[] StateDict(params (string Name, string StorageType, string Key, long Count, long Offset, long[] Shape, long[] Strides)[] tensors) =>
        Pickle([.. "}("u8, .. tensors.SelectMany(t => (byte[])[.. Text(t.Name), .. Tensor(t.StorageType, t.Key, t.Count, t.Offset, t.Shape, t.Strides)]), (byte)'u']);

    public static byte[] Pickle(ReadOnlySpan<byte> body) => [0x80, 2, .. body, (byte)'.'];

    public static byte[] Tensor(string storageType, string key, long count, long offset, long[] shape, long[] strides) =>
    [
        .. "ctorch._utils\n_rebuild_tensor_v2\n("u8, .. Storage(storageType, key, count), .. Integer(offset), .. Tuple(shape), .. Tuple(strides),
        0x89, .. "ccollections\nOrderedDict\n)RtR"u8,
    ];

    public static byte[] Storage(string type, string key, long count) =>
        [(byte)'(', .. Text("storage"), .. Encoding.UTF8.GetBytes($"ctorch\n{type}\n"), .. Text(key), .. Text("cpu"), .. Integer(count), (byte)'t', (byte)'Q'];

    public static byte[] Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] bytes = new byte[5 + utf8.Length];
        bytes[0] = (byte)'X';
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), utf8.Length);
        utf8.CopyTo(bytes, 5);
        return bytes;
    }

    public static byte[] Integer(long value) => [0x8a, 8, .. BitConverter.GetBytes(value)];

    public static byte[] Tuple(long[] values) => [(byte)'(', .. values.SelectMany(Integer), (byte)'t'];

    public static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
