using System.Buffers.Binary;
using System.Text;

namespace MLNet.FineTune.Tests.Checkpoints;

/// <summary>Puts safetensors files together by hand.</summary>
internal static class SafetensorsBytes
{
    public static byte[] Create(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        data.CopyTo(file, 8 + json.Length);
        return file;
    }
}
