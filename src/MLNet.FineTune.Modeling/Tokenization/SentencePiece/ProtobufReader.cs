using System.Buffers.Binary;

namespace MLNet.FineTune.Tokenization;

/// <summary>Reads the fields of one protobuf message in wire order; anything that does not fit its buffer is <see cref="InvalidDataException"/>.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>The value of a varint, fixed32 or fixed64 field.</summary>
    public ulong Number { get; private set; }

    /// <summary>The contents of a length-delimited field; empty for others.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly int Int32 => unchecked((int)Number);

    public readonly float Single => BitConverter.UInt32BitsToSingle(unchecked((uint)Number));

    /// <summary>Moves to the next field; false at the end.</summary>
    public bool Read()
    {
        if (_at == _message.Length)
            return false;
        ulong tag = Varint();
        (Field, Number) = ((int)(tag >> 3 & 0x1FFFFFFF), 0);
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                ulong length = Varint();
                Bytes = Take(length > int.MaxValue ? int.MaxValue : (int)length);
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new InvalidDataException($"wire type {tag & 7} at byte {_at} is none of protobuf's.");
        }
        if (Field == 0)
            throw new InvalidDataException($"field number 0 before byte {_at}.");
        return true;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _message.Length - _at)
            throw new InvalidDataException($"a field of {count} bytes begins at byte {_at} of a message of {_message.Length}.");
        ReadOnlySpan<byte> taken = _message.Slice(_at, count);
        _at += count;
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException($"a number of more than ten bytes ends at byte {_at}.");
    }
}
