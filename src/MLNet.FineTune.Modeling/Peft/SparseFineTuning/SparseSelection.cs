using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Places in the projections of an encoder's layers. Those of a weight come row by row, then those of the bias.</summary>
internal static class SparseSelection
{
    /// <summary>The projections that a mask chooses from, in the ordinal order of their paths.</summary>
    public static IReadOnlyList<(string Path, AdaptableLinear Linear)> Candidates(TaskModel model) =>
        [.. model.Linears().Where(linear => (linear.Linear.Role & TargetModules.AllLinear) != 0).OrderBy(linear => linear.Path, StringComparer.Ordinal)];

    /// <summary>How many places each of them has.</summary>
    public static int[] Sizes(TaskModel model) => [.. Candidates(model).Select(candidate => Size(candidate.Linear))];

    /// <summary>How many places a projection has.</summary>
    public static int Size(AdaptableLinear linear) => checked(linear.Outputs * (linear.Inputs + 1));

    /// <summary>The share of each projection at random, ascending; of all of them together to the number.</summary>
    public static int[][] Random(int[] sizes, double share)
    {
        using var scope = NewDisposeScope();
        var positions = new int[sizes.Length][];
        long before = 0, taken = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            before += sizes[i];
            long upTo = (long)Math.Round(share * before);
            positions[i] = [.. randperm(sizes[i]).narrow(0, 0, upTo - taken).data<long>().ToArray().Select(place => (int)place).Order()];
            taken = upTo;
        }
        return positions;
    }

    /// <summary>Places that hold the room of those to be loaded.</summary>
    public static int[][] First(int[] counts) => [.. counts.Select(count => Enumerable.Range(0, count).ToArray())];

    /// <summary>The places of the largest values over all projections, ascending.</summary>
    /// <param name="values">One tensor a projection, flat.</param>
    /// <param name="share">How many of all; one at least.</param>
    public static int[][] Largest(IReadOnlyList<Tensor> values, double share)
    {
        using var scope = NewDisposeScope();
        Tensor all = cat([.. values]);
        long count = Math.Max(1, (long)Math.Round(share * all.numel()));
        long[] chosen = all.topk((int)count, sorted: false).indexes.cpu().data<long>().ToArray();
        Array.Sort(chosen);
        var positions = new int[values.Count][];
        long first = 0;
        int next = 0;
        for (int i = 0; i < positions.Length; i++)
        {
            int from = next;
            while (next < chosen.Length && chosen[next] < first + values[i].numel())
                next++;
            long offset = first;
            positions[i] = [.. chosen[from..next].Select(place => (int)(place - offset))];
            first += values[i].numel();
        }
        return positions;
    }
}
