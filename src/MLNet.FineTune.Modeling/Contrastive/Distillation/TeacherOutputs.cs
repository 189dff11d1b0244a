using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static TorchSharp.torch;

namespace MLNet.FineTune.Contrastive;

/// <summary>What a teacher makes of the texts that its student learns from, computed once.</summary>
/// <param name="Embeddings">Row-major [texts, width].</param>
/// <param name="Width">Numbers an embedding; the student's may be others.</param>
/// <param name="Probabilities">Of the classes, row-major [texts, classes], for the student's head; null where that learns one class a text.</param>
internal sealed record TeacherOutputs(float[] Embeddings, int Width, float[]? Probabilities = null)
{
    /// <summary>A digest, part of the identity of a training.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(Embeddings.AsSpan())));

    /// <summary>The cosines of some texts' embeddings with each other, float32 [n, n].</summary>
    public Tensor Cosines(int[] texts, Device device)
    {
        float[] values = [.. texts.SelectMany(text => Embeddings.AsSpan(text * Width, Width).ToArray())];
        return Distances.Cosines(tensor(values, device: device).reshape(texts.Length, Width));
    }

    /// <summary>The outputs for some of the texts.</summary>
    public TeacherOutputs Rows(IReadOnlyList<int> texts) => new(Pick(Embeddings, Width, texts), Width, Probabilities is null ? null : Pick(Probabilities, Probabilities.Length / (Embeddings.Length / Width), texts));

    private static float[] Pick(float[] values, int width, IReadOnlyList<int> rows)
    {
        var picked = new float[rows.Count * width];
        for (int i = 0; i < rows.Count; i++)
            values.AsSpan(rows[i] * width, width).CopyTo(picked.AsSpan(i * width));
        return picked;
    }
}
