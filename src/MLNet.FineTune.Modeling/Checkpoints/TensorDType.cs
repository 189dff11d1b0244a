using TorchSharp;

namespace MLNet.FineTune.Checkpoints;

/// <summary>The element types of the safetensors format, in its own order: by size, then by kind. The writer sorts by this order.</summary>
internal enum TensorDType
{
    Bool,
    UInt8,
    Int8,
    Float8E5M2,
    Float8E4M3,
    Int16,
    UInt16,
    Float16,
    BFloat16,
    Int32,
    UInt32,
    Float32,
    Float64,
    Int64,
    UInt64,
}

/// <summary>What is known of each <see cref="TensorDType"/>: its name in files, its size, and the TorchSharp type where there is one.</summary>
internal static class TensorDTypes
{
    private static readonly (string Name, int Size, torch.ScalarType? Scalar)[] Table =
    [
        ("BOOL", 1, torch.ScalarType.Bool),
        ("U8", 1, torch.ScalarType.Byte),
        ("I8", 1, torch.ScalarType.Int8),
        ("F8_E5M2", 1, null),
        ("F8_E4M3", 1, null),
        ("I16", 2, torch.ScalarType.Int16),
        ("U16", 2, null),
        ("F16", 2, torch.ScalarType.Float16),
        ("BF16", 2, torch.ScalarType.BFloat16),
        ("I32", 4, torch.ScalarType.Int32),
        ("U32", 4, null),
        ("F32", 4, torch.ScalarType.Float32),
        ("F64", 8, torch.ScalarType.Float64),
        ("I64", 8, torch.ScalarType.Int64),
        ("U64", 8, null),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", Table.Select(row => row.Name));

    /// <summary>The name in a safetensors header, for instance <c>F32</c>.</summary>
    public static string Name(this TensorDType dtype) => Table[(int)dtype].Name;

    /// <summary>Bytes an element.</summary>
    public static int Size(this TensorDType dtype) => Table[(int)dtype].Size;

    /// <summary>The TorchSharp type of the same representation; null where TorchSharp has none.</summary>
    public static torch.ScalarType? Scalar(this TensorDType dtype) => Table[(int)dtype].Scalar;

    /// <summary>The type with that name in a safetensors header; null where the format knows none.</summary>
    public static TensorDType? Find(string? name)
    {
        int index = Array.FindIndex(Table, row => row.Name == name);
        return index < 0 ? null : (TensorDType)index;
    }

    /// <summary>The type that represents a TorchSharp type; null where the format has none (complex and quantised types).</summary>
    public static TensorDType? Find(torch.ScalarType scalar)
    {
        int index = Array.FindIndex(Table, row => row.Scalar == scalar);
        return index < 0 ? null : (TensorDType)index;
    }
}
