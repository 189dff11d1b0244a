using MLNet.FineTune.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The updates of one projection: those of the links that are done, frozen, and that of the link that trains.</summary>
internal sealed class ChainLinear : LoraLinear
{
    private readonly int _rank;
    private readonly Tensor _doneA;
    private readonly Tensor _doneB;
    private readonly Tensor _count;

    public ChainLinear(AdaptableLinear linear, int rank, int links, double scaling, double dropout) : base(linear, rank, scaling, dropout)
    {
        _rank = rank;
        Device device = linear.Weight.device;
        _doneA = RegisterState("links_A", zeros((links - 1) * rank, linear.Inputs, device: device));
        _doneB = RegisterState("links_B", zeros(linear.Outputs, (links - 1) * rank, device: device));
        _count = RegisterState("links_done", zeros(1, device: device));
    }

    /// <summary>Links that are done.</summary>
    public int Done { get; private set; }

    /// <summary>All links' A, one below the other, [rank · (done + 1), inputs].</summary>
    public Tensor AllA => cat([DoneA, A], 0);

    /// <summary>All links' B, one beside the other, [outputs, rank · (done + 1)].</summary>
    public Tensor AllB => cat([DoneB, B], 1);

    private Tensor DoneA => _doneA.narrow(0, 0, Done * _rank);

    private Tensor DoneB => _doneB.narrow(1, 0, Done * _rank);

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        output = base.AdaptOutput(input, output);
        if (Done == 0)
            return output;
        ScalarType type = input.dtype;
        return output.Add(nn.functional.linear(nn.functional.linear(input, DoneA.to(type)), DoneB.to(type)).Mul(Scaling));
    }

    public override Tensor WeightDelta(Tensor weight) => AllB.matmul(AllA).Mul(Scaling);

    /// <summary>Freezes the link that trains and begins the next.</summary>
    public void Tie()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _doneA.narrow(0, Done * _rank, _rank).copy_(A);
        _doneB.narrow(1, Done * _rank, _rank).copy_(B);
        _count.Fill_(++Done);
        nn.init.kaiming_uniform_(A, Math.Sqrt(5));
        B.zero_();
    }

    public override void CheckLoaded()
    {
        float count = _count.item<float>();
        int most = (int)(_doneA.size(0) / _rank);
        if (!float.IsInteger(count) || count < 0 || count > most)
            throw new InvalidDataException($"The adapter says that {count} links of the chain are done; expected a whole number from 0 to {most}.");
        Done = (int)count;
    }
}
